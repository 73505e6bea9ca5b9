import workerpool from 'workerpool'
import { add, echo, work50 } from '../methods.mjs'

workerpool.worker({ add, echo, work50 })
