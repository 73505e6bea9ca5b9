// Two workers by hand, joined by a port: one sends, the other counts. The sender takes its orders from the main thread.
import { parentPort, workerData } from 'node:worker_threads'
import { drive, timeCalls } from '../drive.mjs'

const { role, port } = workerData

if (role === 'receiver') {
  let count = 0
  let sum = 0
  port.on('message', (message) => {
    if (message.question === undefined) {
      count++
      sum += message.id
    } else if (message.question === 'state') port.postMessage({ id: message.id, value: { count, sum } })
    else port.postMessage({ id: message.id, value: message.question + 1 })
  })
} else {
  const waiting = new Map()
  let id = 0
  port.on('message', (message) => {
    const resolve = waiting.get(message.id)
    waiting.delete(message.id)
    resolve(message.value)
  })
  const ask = (question) =>
    new Promise((resolve) => {
      waiting.set(++id, resolve)
      port.postMessage({ id, question })
    })
  parentPort.on('message', async ({ order, ms }) => {
    const done =
      order === 'drive'
        ? await drive(
            (reading) => port.postMessage(reading),
            () => ask('state'),
            ms,
          )
        : await timeCalls(ask, ms)
    parentPort.postMessage({ done, state: await ask('state') })
  })
}
