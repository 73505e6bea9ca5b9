import { parentPort } from 'node:worker_threads'
import { SCRIBBLES, survive } from './hostile-cases.ts'

parentPort!.on('message', ({ scribble, victim }: { scribble: number; victim: string }) => {
  try {
    parentPort!.postMessage(survive(SCRIBBLES[scribble]!, victim) ?? '')
  } catch (error) {
    parentPort!.postMessage(`throws ${String(error)}`)
  }
})
