// Asks an address every so many milliseconds, whether or not the earlier answers are there. Latency counts from the moment a
// request was due. Talks with its parent: says 'ready', gets { url, everyMs }, then 'stop', sends what it measured, and again.
import { Agent, get } from 'node:http'

/** A health check has few connections; what waits for one is counted as slow. */
const SOCKETS_MAX = 4

class Session {
  #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX })
  #latenciesMs = []
  #failed = 0
  #open = 0
  #isStopping = false
  #dueMs = performance.now()
  #timer

  constructor({ url, everyMs }) {
    this.#timer = setInterval(() => {
      // A late timer asks for all that became due meanwhile.
      for (; this.#dueMs <= performance.now(); this.#dueMs += everyMs) this.#ask(url, this.#dueMs)
    }, 1)
  }

  stop() {
    this.#isStopping = true
    clearInterval(this.#timer)
    this.#report()
  }

  #ask(url, dueMs) {
    this.#open++
    const request = get(url, { agent: this.#agent }, (response) => {
      response.resume()
      response.on('end', () => this.#settle(response.statusCode === 200 ? performance.now() - dueMs : undefined))
    })
    request.on('error', () => this.#settle(undefined))
  }

  #settle(latencyMs) {
    if (latencyMs === undefined) this.#failed++
    else this.#latenciesMs.push(latencyMs)
    this.#open--
    this.#report()
  }

  /** Everything that was asked is counted, the last ones too. */
  #report() {
    if (!this.#isStopping || this.#open > 0) return
    this.#agent.destroy()
    process.send({ latenciesMs: this.#latenciesMs, failed: this.#failed })
  }
}

let session
process.on('message', (message) => {
  if (message === 'stop') session.stop()
  else session = new Session(message)
})
// A parent that died will never say stop.
process.on('disconnect', () => process.exit())
process.send('ready')
