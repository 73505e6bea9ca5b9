// A preload with which each spare ends when it is given its actor, before it has taken it. Other isolates live.
import { parentPort, workerData } from 'node:worker_threads'

if (workerData?.isSpare === true) parentPort.on('message', (message) => void ('exportName' in message && process.exit(1)))
