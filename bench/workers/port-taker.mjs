// Takes from a port until the end of a round, again and again, by events or blocking.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'

const { colour, port, words, window } = workerData
const PUT = 0
let total = 0
let count = 0
let sum = 0

function take({ id, isLast }) {
  if (isLast) {
    parentPort.postMessage({ count, sum })
    count = sum = 0
    return
  }
  count++
  sum += id
  if (++total % window === 0) port.postMessage('taken')
}

function takeBlocking() {
  for (;;) {
    const put = Atomics.load(words, PUT)
    const received = receiveMessageOnPort(port)
    if (received === undefined) Atomics.wait(words, PUT, put)
    else take(received.message)
  }
}

parentPort.postMessage('ready')
if (colour === 'async') port.on('message', take)
else takeBlocking()
