// worker_threads by hand: requests with an id on one port.
import { workerData } from 'node:worker_threads'
import { add, echo, work50 } from '../methods.mjs'

const { port } = workerData
const methods = { add, echo, work50 }
port.on('message', ({ id, method, value }) => port.postMessage({ id, value: methods[method](value) }))
