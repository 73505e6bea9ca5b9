import { Worker } from 'node:worker_threads'
import type { ExitReason } from '../base/exit-reason.ts'
import type { BootRecord, FromIsolate, Isolate, IsolateEvents, StartIsolate } from '../isolate/isolate.ts'
import { Arena } from '../queue/arena.ts'
import { releaseHostedQueues, ringHostedQueues } from '../queue/hosted-queues.ts'
import { markDying } from '../queue/parking.ts'

/** Runs each actor in a worker thread of its own. `entry`: the file that starts the cell. */
export function workerIsolates(entry: URL): StartIsolate {
  return (boot: BootRecord, events: IsolateEvents): Isolate => {
    // Nothing is inherited but the environment: no flags of the parent (a preload would run in every isolate), no handles.
    const worker = new Worker(entry, { workerData: boot, name: boot.self.path, execArgv: [] })
    const arena = Arena.attach(boot.memory)
    // Afterwards it is −1.
    const { threadId } = worker
    let error: ExitReason | undefined
    worker.on('error', (thrown: unknown) => (error = reasonOf(thrown)))
    worker.on('message', (notice: FromIsolate) => events.onNotice(notice))
    worker.on('exit', (code) => {
      releaseHostedQueues(arena, threadId)
      events.onExit({ code, error })
    })
    return {
      post: (signal) => worker.postMessage(signal),
      kill: () => {
        // Never terminate a parked isolate: on Node 20 a notification during its teardown can crash the process (D3).
        markDying(arena, boot.self.seat)
        ringHostedQueues(arena)
        void worker.terminate()
      },
    }
  }
}

function reasonOf(thrown: unknown): ExitReason {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return { kind: 'outOfMemory', detail: (thrown as Error).message }
  return { kind: 'error', error: thrown }
}
