import { parentPort, workerData } from 'node:worker_threads'
import type { BootRecord, FromIsolate, ToIsolate } from '../isolate/isolate.ts'
import { keepCompiled } from './compile-cache.ts'
import { IsolateMain } from './isolate-main.ts'
import { importActor } from './loading.ts'
import { rehearse } from './rehearsal.ts'
import type { EndEmpty, IsolateBirth, Loaded } from './worker-isolate.ts'

/**
 * Waits for a boot record and starts its actor; what comes after it are signals. A spare holds a rehearsal meanwhile.
 *
 * @param rehearsal the URL of the module with the actor for that
 */
export function runIsolate(rehearsal: string): void {
  const port = parentPort!
  let main: IsolateMain | undefined
  let ready = Promise.resolve()
  // Stacks name the lines of the source, and not those of its bundle. Not before the runtime itself is loaded: its own maps
  // would be read, which takes long.
  process.setSourceMapsEnabled(true)
  // A reference that holds the event loop: a wait on shared memory does not, and such a worker would exit in silence.
  port.on('message', (message: BootRecord | ToIsolate | EndEmpty) => {
    if (main !== undefined) return main.onSignal(message as ToIsolate)
    if ('type' in message) return void ready.then(() => process.exit(0))
    port.postMessage({ type: 'taken' } satisfies FromIsolate)
    // While its module is read from disk, the rest is made.
    const module = importActor(message.url, message.source)
    main = new IsolateMain(message, { post: (notice) => port.postMessage(notice), exit: () => process.exit(0) })
    void main.run(module)
  })
  // An actor's errors are its own; those of a thread without one end it, and it is replaced.
  const onError = (error: unknown): void => (main === undefined ? process.exit(1) : main.fatal(error))
  process.on('uncaughtException', onError)
  // A library's own handler for these would keep them from becoming uncaught.
  process.on('unhandledRejection', onError)
  process.on('exit', () => main?.onThreadExit())
  if ((workerData as IsolateBirth).isSpare) ready = rehearse(rehearsal).then(keepCompiled)
  void ready.then(() => port.postMessage({ type: 'loaded' } satisfies Loaded))
}
