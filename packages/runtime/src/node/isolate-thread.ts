import { parentPort } from 'node:worker_threads'
import type { BootRecord, ToIsolate } from '../isolate/isolate.ts'
import { IsolateMain } from './isolate-main.ts'
import { rehearse } from './rehearsal.ts'
import type { EndEmpty, Loaded } from './worker-isolate.ts'

/** URLs of what an isolate loads before it has an actor. */
export interface IsolateModules {
  /** What actors import as `@troupe/runtime`. */
  readonly publicEntry: string
  /** The module of the actor that a rehearsal is held with. */
  readonly rehearsal: string
}

/**
 * Waits for a boot record and starts its actor; what comes after it are signals. Whoever is left waiting, a spare, holds a
 * rehearsal meanwhile.
 */
export function runIsolate({ publicEntry, rehearsal }: IsolateModules): void {
  const port = parentPort!
  let main: IsolateMain | undefined
  // Stacks name the lines of the source, and not those of its bundle. Not before the runtime itself is loaded: its own maps
  // would be read, which takes long.
  const loaded = import(publicEntry).then(() => process.setSourceMapsEnabled(true))
  // A reference that holds the event loop: a wait on shared memory does not, and such a worker would exit in silence.
  port.on('message', (message: BootRecord | ToIsolate | EndEmpty) => {
    if (main !== undefined) return main.onSignal(message as ToIsolate)
    if ('type' in message) return void settled.then(() => process.exit(0))
    const actor = new IsolateMain(message as BootRecord, { post: (notice) => port.postMessage(notice), exit: () => process.exit(0) })
    main = actor
    void loaded.then(() => actor.run())
  })
  // An actor's errors are its own; those of a thread without one end it, and it is replaced.
  const onError = (error: unknown): void => (main === undefined ? process.exit(1) : main.fatal(error))
  process.on('uncaughtException', onError)
  // A library's own handler for these would keep them from becoming uncaught.
  process.on('unhandledRejection', onError)
  process.on('exit', () => main?.onThreadExit())
  const settled = loaded.then(async () => {
    // What has been posted by now is read first.
    await new Promise((resolve) => setImmediate(resolve))
    if (main === undefined) await rehearse(rehearsal)
    port.postMessage({ type: 'loaded' } satisfies Loaded)
  })
}
