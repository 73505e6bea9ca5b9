import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { Taken, Taker } from '../rows/queue.ts'

export const PORT = 'MessagePort'
export const BLOCKING_PORT = 'MessagePort, receiveMessageOnPort'

/** A port has no bound: the taking end says after so many that it has them, and two windows may be on their way. */
const WINDOW = 2_048
const PUT = 0

/**
 * A worker that takes from a port, by events or blocking. When the port is empty, the latter sleeps on a word of shared
 * memory, as those do who make blocking calls of a port.
 */
export async function portTaker(colour: 'async' | 'sync'): Promise<Taker> {
  const { port1, port2 } = new MessageChannel()
  const words = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('../workers/port-taker.mjs', import.meta.url), {
    workerData: { colour, port: port2, words, window: WINDOW },
    transferList: [port2],
    execArgv: [],
  })
  await once(worker, 'message')
  const post = (message: object): void => {
    port1.postMessage(message)
    if (colour === 'async') return
    Atomics.add(words, PUT, 1)
    Atomics.notify(words, PUT)
  }
  let sent = 0
  let windowBefore: Promise<unknown> | undefined
  return {
    put(reading) {
      post(reading)
      if (++sent % WINDOW !== 0) return undefined
      const before = windowBefore
      windowBefore = once(port1, 'message')
      return before
    },
    async end() {
      const taken = once(worker, 'message')
      post({ isLast: true })
      return ((await taken) as [Taken])[0]
    },
    close: () => worker.terminate(),
  }
}
