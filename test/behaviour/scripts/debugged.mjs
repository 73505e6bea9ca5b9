// A debugger as editors have one: it attaches to the workers of workers by the inspector's protocol, waits until an actor stops at
// its `debugger` statement, and prints where that is in the source.
import inspector from 'node:inspector'
import { SourceMap } from 'node:module'
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

let onPaused
const hasPaused = new Promise((resolve) => (onPaused = resolve))

/** One thread, through the one that has started it. */
class Target {
  #send
  #lastId = 0
  #answers = new Map()
  #workers = new Map()
  scripts = new Map()

  constructor(send) {
    this.#send = send
  }

  post(method, params = {}) {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#answers.set(id, resolve)
      this.#send({ id, method, params })
    })
  }

  async onMessage({ id, result, method, params }) {
    if (id !== undefined) return this.#answers.get(id)?.(result)
    if (method === 'Debugger.scriptParsed') this.scripts.set(params.scriptId, params)
    if (method === 'Debugger.paused') onPaused({ target: this, frame: params.callFrames[0] })
    if (method === 'NodeWorker.receivedMessageFromWorker') this.#workers.get(params.sessionId)?.onMessage(JSON.parse(params.message))
    if (method === 'NodeWorker.attachedToWorker') await this.#attach(params.sessionId)
  }

  async #attach(sessionId) {
    const worker = new Target((message) => {
      void this.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify(message) })
    })
    this.#workers.set(sessionId, worker)
    await worker.post('Debugger.enable')
    await worker.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  }
}

const session = new inspector.Session()
session.connect()
const main = new Target(({ id, method, params }) => session.post(method, params, (_, result) => main.onMessage({ id, result })))
session.on('inspectorNotification', (notification) => main.onMessage(notification))
await main.post('NodeWorker.enable', { waitForDebuggerOnStart: false })

const system = await ActorSystem.start({ name: 'debugged', spares: 1 })
const ref = await system.spawn(actor('tooled'))
const asked = ref.ask({ timeoutMs: 30_000 }).work(21)
const { target, frame } = await hasPaused
const { lineNumber, columnNumber, scriptId } = frame.location
const map = target.scripts.get(scriptId).sourceMapURL.replace(/^data:.*?base64,/, '')
const { originalSource, originalLine } = new SourceMap(JSON.parse(Buffer.from(map, 'base64'))).findEntry(lineNumber, columnNumber)
await target.post('Debugger.resume')
console.log(frame.functionName, originalSource, originalLine + 1, await asked)
await system.stop()
session.disconnect()
