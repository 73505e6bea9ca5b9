import {
  type ActorClass,
  type ActorRef,
  ActorStoppedError,
  InvalidArgumentError,
  type SpawnOptions,
  SupervisorError,
  type SupervisorRef,
  SystemStoppedError,
} from '@troupe/runtime'
import type { FunctionSource } from './portable-function.ts'
import { type Chunk, type ChunkDone, TaskRunner, UnknownFunctionError } from './task-runner.ts'

/** A system, or an actor's `this.context`: where isolates are started, and count. */
export interface Home {
  spawn<A>(actor: ActorClass<A, []>, options?: SpawnOptions): Promise<ActorRef<A>>
  supervisor(path: string): SupervisorRef
}

/** @throws {InvalidArgumentError} for what is neither, as options in its place */
export function checkHome(home: Home, what: string): Home {
  if (typeof (home as Home | undefined)?.spawn === 'function') return home
  throw new InvalidArgumentError(`${what}: isolates are started in a running system, or in an actor's this.context, and this is neither.`)
}

/** One isolate of a crew. */
export interface Runner {
  readonly ref: ActorRef<TaskRunner>
  /** Functions that it has been told. It may have been restarted since, and then says so itself. */
  readonly told: Set<number>
  teach(fn: number): Promise<void>
  chunk(fn: number, chunk: Chunk): Promise<ChunkDone>
  run(fn: number, args: readonly unknown[]): Promise<unknown>
}

/** A task takes as long as it takes. */
const PATIENTLY = { timeoutMs: Number.POSITIVE_INFINITY } as const
/** Chunks may be large. Tasks are not sent in such numbers that there could be no room for them, and this way is slower. */
const WITH_ROOM = { ...PATIENTLY, whenFull: 'wait' } as const

/**
 * The isolates in which the functions of `par` and of executors run. One that dies is restarted by its supervisor; one whose
 * address has ended, because it died too often, is replaced by a new one.
 */
export class Crew {
  readonly #home: Home
  readonly #name: string
  readonly #runners: (Promise<Runner> | undefined)[] = []
  /** Those of them that have started. */
  readonly #ready = new Set<Promise<Runner>>()
  readonly #sources = new Map<number, FunctionSource>()
  readonly #ids = new Map<FunctionSource, number>()
  #lastId = 0

  readonly #spawn: SpawnOptions

  constructor(home: Home, name: string, spawn: SpawnOptions = {}) {
    this.#home = home
    this.#name = name
    this.#spawn = spawn
  }

  /** Whether so many isolates run already: then a call costs microseconds, and otherwise a start. */
  isWarm(size: number): boolean {
    return this.#ready.size >= size
  }

  /** The function's number here. The same source has the same. */
  idOf(source: FunctionSource): number {
    const known = this.#ids.get(source)
    if (known !== undefined) return known
    const id = ++this.#lastId
    this.#ids.set(source, id)
    this.#sources.set(id, source)
    return id
  }

  /** That isolate of the crew; started on first use. Rejects as `spawn` does. */
  runner(at: number): Promise<Runner> {
    const known = this.#runners[at]
    if (known !== undefined) return known
    const runner = this.#start(at)
    this.#runners[at] = runner
    runner.then(
      () => this.#ready.add(runner),
      // Who could not be started is tried again by the next who needs it.
      () => this.#forget(at, runner),
    )
    return runner
  }

  /** Its address has ended: the next call of `runner` starts another one. */
  async replace(at: number, gone: Runner): Promise<void> {
    const runner = this.#runners[at]
    if (runner !== undefined && (await runner) === gone) this.#forget(at, runner)
  }

  /** Ends one isolate for good, in order or as its `shutdownMs` says. It need not run any more, and nobody gets it any more. */
  async dismiss(at: number): Promise<void> {
    const known = this.#runners[at]
    if (known === undefined) return
    this.#forget(at, known)
    const runner = await known.catch(() => undefined)
    if (runner === undefined) return
    const { path } = runner.ref
    const cut = path.lastIndexOf('/')
    await this.#home
      .supervisor(path.slice(0, cut))
      .terminateChild(path.slice(cut + 1))
      .catch((error: unknown) => {
        if (!(error instanceof SupervisorError) && !(error instanceof SystemStoppedError)) throw error
      })
  }

  #forget(at: number, runner: Promise<Runner>): void {
    this.#ready.delete(runner)
    if (this.#runners[at] === runner) this.#runners[at] = undefined
  }

  async #start(at: number): Promise<Runner> {
    const ref = await this.#home.spawn(TaskRunner, {
      name: `${this.#name}-${at + 1}.${nextNumber()}`,
      restart: 'permanent',
      ...this.#spawn,
    })
    const { learn, chunk } = ref.ask(WITH_ROOM)
    const { run } = ref.ask(PATIENTLY)
    const told = new Set<number>()
    const teach = async (fn: number): Promise<void> => {
      await learn(fn, this.#sources.get(fn)!)
      told.add(fn)
    }
    return { ref, told, teach, chunk, run }
  }
}

/** Names are unique among siblings, and the children of one system may come from several crews and copies of this module. */
function nextNumber(): string {
  return Math.random().toString(36).slice(2, 8)
}

/** Calls a function in an isolate that may not have been told of it yet, or not any more. */
export async function callTaught<T>(runner: Runner, fn: number, call: () => Promise<T>): Promise<T> {
  if (!runner.told.has(fn)) await runner.teach(fn)
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof UnknownFunctionError)) throw error
    await runner.teach(fn)
    return await call()
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof ActorStoppedError
}
