// Asks an address every so many milliseconds, whether or not the earlier answers are there, until told to stop:
// node health-client.mjs URL EVERY_MS, with a channel to the parent. Latency counts from the moment a request was due.
import { Agent, get } from 'node:http'

const [url, everyMs] = [process.argv[2], Number(process.argv[3])]
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const latenciesMs = []
let failed = 0
let open = 0
let due = performance.now()
let isStopping = false

function ask(dueMs) {
  open++
  const request = get(url, { agent }, (response) => {
    response.resume()
    response.on('end', () => settle(response.statusCode === 200 ? performance.now() - dueMs : undefined))
  })
  request.on('error', () => settle(undefined))
}

function settle(latencyMs) {
  if (latencyMs === undefined) failed++
  else latenciesMs.push(latencyMs)
  open--
  report()
}

/** Everything that was asked is counted, the last ones too. */
function report() {
  if (!isStopping || open > 0) return
  agent.destroy()
  process.send({ latenciesMs, failed }, () => process.disconnect())
}

const timer = setInterval(() => {
  // A late timer asks for all that became due meanwhile.
  for (; due <= performance.now(); due += everyMs) ask(due)
}, 1)
process.once('message', () => {
  isStopping = true
  clearInterval(timer)
  report()
})
