// Asks an address every so many milliseconds, whether or not the earlier answers are there. Latency counts from the moment a
// request was due. Talks with its parent: says 'ready', gets { url, everyMs }, then 'stop', and sends what it measured.
import { Agent, get } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const latenciesMs = []
let failed = 0
let open = 0
let isStopping = false

function ask(url, dueMs) {
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

process.once('message', ({ url, everyMs }) => {
  let dueMs = performance.now()
  const timer = setInterval(() => {
    // A late timer asks for all that became due meanwhile.
    for (; dueMs <= performance.now(); dueMs += everyMs) ask(url, dueMs)
  }, 1)
  process.once('message', () => {
    isStopping = true
    clearInterval(timer)
    report()
  })
})
process.send('ready')
