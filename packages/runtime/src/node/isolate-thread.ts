import { parentPort, type TransferListItem } from 'node:worker_threads'
import type { Lodging, Start, ToIsolate } from '../isolate/isolate.ts'
import { captureOutput } from './capture-output.ts'
import { IsolateMain, type IsolateThread } from './isolate-main.ts'
import { knowStarters, loadActor } from './loading.ts'
import { openLine } from './office-port.ts'
import { rehearse } from './rehearsal.ts'
import type { IsolateBirth } from './runtime-code.ts'
import { type ModulePorts, setIsolatesModules, ThreadModules } from './thread-modules.ts'
import type { EndEmpty, Expect, FromThread, Prepare } from './worker-isolate.ts'

/** By then an isolate without a rehearsal has started its actor, and mostly has nothing to do. */
const SETTLED_MS = 200

/**
 * Waits for a boot record and starts its actor; what comes after it are signals. A spare holds a rehearsal meanwhile.
 *
 * @param compiled what V8 has compiled of the runtime by now
 */
export function runIsolate(birth: IsolateBirth, ports: ModulePorts, compiled: () => Uint8Array): void {
  const port = parentPort!
  let main: IsolateMain | undefined
  /** Made for an actor that may come. */
  let prepared: IsolateMain | undefined
  const modules = new ThreadModules(ports)
  setIsolatesModules(modules)
  let ready = Promise.resolve()
  const say = (notice: FromThread['troupe'], moved?: readonly TransferListItem[]): void =>
    port.postMessage({ troupe: notice } satisfies FromThread, moved)
  const thread: IsolateThread = {
    post: say,
    openLine: openLine(say),
    exit: () => process.exit(0),
    modules,
  }
  const prepare = (lodging: Lodging): void => {
    prepared = new IsolateMain({ ...birth.surroundings, ...lodging }, thread)
  }
  // Stacks name the lines of the source, and not those of its bundle.
  process.setSourceMapsEnabled(true)
  // A reference that holds the event loop: a wait on shared memory does not, and such a worker would exit in silence.
  port.on('message', (message: Start | ToIsolate | Expect | Prepare | EndEmpty) => {
    if (main !== undefined) return main.onSignal(message as ToIsolate)
    if ('type' in message) {
      if (message.type === 'expect') return modules.prepare(message.url, message.isNext)
      if (message.type === 'prepare') return prepare(message.lodging)
      return void ready.then(() => process.exit(0))
    }
    say({ type: 'taken' })
    // While its module is read from disk, the rest is made, if it is not there.
    const boot = { ...birth.surroundings, ...message }
    knowStarters(message)
    const module = loadActor(modules, message.url, message.source)
    main = prepared?.isFor(message) === true ? prepared : new IsolateMain(boot, thread)
    prepared = undefined
    captureOutput(main.say)
    void main.run(boot, module)
  })
  // An actor's errors are its own; those of a thread without one end it, and it is replaced.
  const onError = (error: unknown): void => (main === undefined ? process.exit(1) : main.fatal(error))
  process.on('uncaughtException', onError)
  // A library's own handler for these would keep them from becoming uncaught.
  process.on('unhandledRejection', onError)
  process.on('exit', () => main?.onThreadExit())
  const giveCode = (): void => say({ type: 'compiled', code: compiled() })
  // What it compiles for the rest of its rehearsal the others compile for theirs: an isolate without one would only have to carry it.
  if (birth.isSpare) ready = rehearse(ports, birth.url, birth.givesCode ? giveCode : () => undefined)
  // Without a rehearsal most of it has run when its actor has lived for a while.
  else if (birth.givesCode) setTimeout(giveCode, SETTLED_MS).unref()
  void ready.then(() => say({ type: 'loaded' }))
}
