// Takes from a queue until the end of a round, again and again.
import { parentPort, workerData } from 'node:worker_threads'
import { Queue } from '@troupe/runtime'

const queue = Queue.from(workerData.handle)
parentPort.postMessage('ready')
for (;;) parentPort.postMessage(workerData.colour === 'sync' ? takeSync() : await takeAsync())

async function takeAsync() {
  let count = 0
  let sum = 0
  for (;;) {
    const { id, isLast } = await queue.get()
    if (isLast) return { count, sum }
    count++
    sum += id
  }
}

function takeSync() {
  let count = 0
  let sum = 0
  for (;;) {
    const { id, isLast } = queue.getSync()
    if (isLast) return { count, sum }
    count++
    sum += id
  }
}
