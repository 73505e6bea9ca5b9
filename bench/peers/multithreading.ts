import type { Taken, Taker } from '../rows/queue.ts'

export const CHANNEL = 'multithreading (W4G1)'
/** It reads `navigator` when it is loaded, which Node has from 21 on. */
export const canRunChannel = Number(process.versions.node.split('.')[0]) >= 21

/** Its default memory for what waits holds some 500 of our objects. */
const CHANNEL_BYTES = 16 * 1024 * 1024

/** The channel of npm's `multithreading`, in its blocking colour, between the main thread and one of its workers. */
export async function channelTaker(): Promise<Taker> {
  if (!canRunChannel) throw new Error('it needs `navigator`, which this Node has not')
  const { channel, initRuntime, move, shutdown, spawn } = await import('multithreading')
  initRuntime({ maxWorkers: 1 })
  const [sender, receiver] = channel<object>(1_024, { size: CHANNEL_BYTES })
  const [resultSender, results] = channel<Taken>(4)
  spawn(move(receiver, resultSender), (from, to) => {
    let count = 0
    let sum = 0
    for (;;) {
      const received = from.blockingRecv()
      if (!received.ok) throw received.error
      const { id, isLast } = received.value as { id: number; isLast: boolean }
      if (!isLast) {
        count++
        sum += id
        continue
      }
      to.blockingSend({ count, sum })
      count = sum = 0
    }
  })
  const put = (item: object): undefined => {
    const sent = sender.blockingSend(item)
    if (!sent.ok) throw sent.error
  }
  return {
    put,
    async end() {
      put({ id: 0, isLast: true })
      const received = await results.recv()
      if (!received.ok) throw received.error
      return { count: received.value.count, sum: received.value.sum }
    },
    close: async () => shutdown(),
  }
}
