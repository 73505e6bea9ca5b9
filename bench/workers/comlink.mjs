import { parentPort } from 'node:worker_threads'
import { expose, proxy } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { add, count, echo, work50 } from '../methods.mjs'

/** As Comlink's users do it: the generator stays here, and each item is a call. */
const counter = (n) => proxy(count(n))

expose({ add, counter, echo, work50 }, nodeEndpoint(parentPort))
