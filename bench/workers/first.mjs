// The smallest worker that answers.
import { parentPort } from 'node:worker_threads'

parentPort.on('message', (n) => {
  if (n < 0) throw new Error('as planned')
  parentPort.postMessage(n + 1)
})
