// A plain worker with the unmodified Comlink: it knows nothing of actors.
import { parentPort, workerData } from 'node:worker_threads'

const { wrap } = await import(workerData.comlink)
const counter = wrap(workerData.port)
workerData.port.start()
const textOf = (promise) =>
  promise.then(
    (value) => value,
    (error) => `${error.name}: ${error.message}`,
  )

parentPort.postMessage([
  await textOf(counter.add(1)),
  await textOf(counter.add(1)),
  await textOf(counter.fail('no')),
  await textOf(counter.reset()),
  await textOf(counter.constructor.constructor('return 1')),
])
