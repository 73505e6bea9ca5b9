import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { Handled } from '../actors/traffic.ts'

/** Two workers by hand with a port between them. The main thread only gives orders. */
export class RawPair {
  readonly #sender: Worker
  readonly #receiver: Worker

  constructor() {
    const { port1, port2 } = new MessageChannel()
    const file = new URL('../workers/raw-traffic.mjs', import.meta.url)
    this.#sender = new Worker(file, { workerData: { role: 'sender', port: port1 }, transferList: [port1], execArgv: [] })
    this.#receiver = new Worker(file, { workerData: { role: 'receiver', port: port2 }, transferList: [port2], execArgv: [] })
  }

  async order<T>(order: 'drive' | 'ask', ms: number): Promise<{ readonly done: T; readonly state: Handled }> {
    this.#sender.postMessage({ order, ms })
    const [answer] = (await once(this.#sender, 'message')) as [{ done: T; state: Handled }]
    return answer
  }

  async close(): Promise<void> {
    await Promise.all([this.#sender.terminate(), this.#receiver.terminate()])
  }
}

/** One worker by hand: the main thread sends. */
export class RawReceiver {
  readonly #worker: Worker
  readonly #port: MessageChannel['port1']
  readonly #waiting = new Map<number, (value: Handled) => void>()
  #id = 0

  constructor() {
    const { port1, port2 } = new MessageChannel()
    const file = new URL('../workers/raw-traffic.mjs', import.meta.url)
    this.#worker = new Worker(file, { workerData: { role: 'receiver', port: port2 }, transferList: [port2], execArgv: [] })
    this.#port = port1
    this.#port.on('message', ({ id, value }: { id: number; value: Handled }) => {
      const resolve = this.#waiting.get(id)
      this.#waiting.delete(id)
      resolve?.(value)
    })
  }

  send(message: object): void {
    this.#port.postMessage(message)
  }

  state(): Promise<Handled> {
    return new Promise((resolve) => {
      this.#waiting.set(++this.#id, resolve)
      this.#port.postMessage({ id: this.#id, question: 'state' })
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
