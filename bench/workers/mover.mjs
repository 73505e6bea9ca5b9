import { parentPort } from 'node:worker_threads'
import { touch } from '../methods.mjs'

parentPort.on('message', (bytes) => {
  touch(bytes)
  parentPort.postMessage(bytes, [bytes.buffer])
})
