// One end of the queue benchmark, in a thread of its own.
import { parentPort, workerData } from 'node:worker_threads'
import { Queue } from '@troupe/runtime'

const { kind, items, handle, port } = workerData

/** Adds up what came, so that the work is verified. */
async function sumOf() {
  let sum = 0
  if (kind === 'port') {
    return new Promise((resolve) => {
      let left = items
      port.on('message', (item) => {
        sum += item.n
        if (--left === 0) {
          port.close()
          resolve(sum)
        }
      })
      parentPort.postMessage('ready')
    })
  }
  const queue = Queue.from(handle)
  parentPort.postMessage('ready')
  if (kind === 'sync') for (let i = 0; i < items; i++) sum += queue.getSync().n
  else for (let i = 0; i < items; i++) sum += (await queue.get()).n
  return sum
}

parentPort.postMessage(await sumOf())
