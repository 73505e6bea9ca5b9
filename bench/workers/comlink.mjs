import { parentPort } from 'node:worker_threads'
import { expose } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { add, echo, work50 } from '../methods.mjs'

expose({ add, echo, work50 }, nodeEndpoint(parentPort))
