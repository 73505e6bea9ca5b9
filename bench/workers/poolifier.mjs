import { ThreadWorker } from 'poolifier'
import { add, echo, work50 } from '../methods.mjs'

const worker = new ThreadWorker({ add, echo, work50 })
void worker
