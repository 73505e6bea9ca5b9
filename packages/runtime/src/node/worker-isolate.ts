import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { ExitReason } from '../base/exit-reason.ts'
import type {
  BootRecord,
  EmptyIsolate,
  FromIsolate,
  Isolate,
  IsolateEvents,
  Lodging,
  MakeIsolate,
  Start,
  Surroundings,
} from '../isolate/isolate.ts'
import { Arena } from '../queue/arena.ts'
import { releaseHostedQueues, ringHostedQueues } from '../queue/hosted-queues.ts'
import { Names } from '../queue/names.ts'
import { markDying } from '../queue/parking.ts'
import { methodIn, shownProgress } from '../queue/seat.ts'
import { loopOf, measureWorker } from './measure-worker.ts'
import { withOfficePort } from './office-port.ts'
import { type Compiled, ISOLATE_CONDITION, type RuntimeCode } from './runtime-code.ts'
import { watchStack } from './stack-watch.ts'
import { unbornIsolate } from './unborn-isolate.ts'

/** What a worker says before it has an actor. */
export interface Loaded {
  readonly type: 'loaded'
}

/**
 * What a worker says. Wrapped, because code of an actor has the same port, and may post to it in the belief that it is in a worker
 * of its own: that is nothing to anybody here.
 */
export interface FromThread {
  readonly troupe: FromIsolate | Loaded | Compiled
}

/** Said to a worker that may get an actor of that module. */
export interface Expect {
  readonly type: 'expect'
  readonly url: string
  readonly isNext: boolean
}

/** Said to a worker that will probably have that actor. */
export interface Prepare {
  readonly type: 'prepare'
  readonly lodging: Lodging
}

/** Said to a worker that will not get an actor. */
export interface EndEmpty {
  readonly type: 'end'
}

/** Nothing is inherited but the environment, and what is loaded before every program (preloads.ts): no other flags, no handles. */
const FLAGS = [`--conditions=${ISOLATE_CONDITION}`]

/** Runs each actor in a worker thread of its own. `entry`: the file that waits for a boot record and starts the cell. */
export function workerIsolates(entry: URL, runtime: RuntimeCode, preloads: readonly string[], surroundings: Surroundings): MakeIsolate {
  const arena = Arena.attach(surroundings.memory)
  const execArgv = [...FLAGS, ...preloads]
  return ({ name, isSpare, heapMb }, empty): EmptyIsolate => {
    const birth = runtime.birth(isSpare, surroundings)
    let worker: Worker
    try {
      worker = new Worker(entry, { name, execArgv, workerData: birth, ...hardLimit(heapMb) })
    } catch (error) {
      runtime.ended(birth)
      return unbornIsolate(error, empty)
    }
    // Afterwards it is −1.
    const { threadId } = worker
    let tenant: { readonly seat: number; readonly events: IsolateEvents } | undefined
    let hasTaken = false
    let error: ExitReason | undefined
    worker.on('error', (thrown: unknown) => (error = reasonOf(thrown)))
    worker.on('message', (message: Partial<FromThread> | null | undefined) => {
      const notice = message?.troupe
      if (notice === undefined) return
      if (notice.type === 'loaded') return empty.onLoaded()
      if (notice.type === 'compiled') return runtime.keep(notice)
      hasTaken = true
      tenant!.events.onNotice(notice.type === 'office' ? withOfficePort(notice) : notice)
    })
    worker.on('exit', (code) => {
      runtime.ended(birth)
      if (tenant === undefined) return empty.onExit()
      releaseHostedQueues(arena, threadId)
      // Also where nobody has killed it: those whom it has asked must see that it is gone, before its successor is prepared. Not of a
      // spare that has not taken its actor: the seat is prepared for that, which gets another isolate.
      if (hasTaken) markDying(arena, tenant.seat)
      tenant.events.onExit({ code, error: error && withMethod(error, arena, tenant.seat) })
    })
    return {
      run: (boot, events) => {
        tenant = { seat: boot.self.seat, events }
        worker.postMessage(startOf(boot))
        return livingIn(worker, arena, boot.self.seat)
      },
      expect: (url, isNext) => worker.postMessage({ type: 'expect', url, isNext } satisfies Expect),
      prepare: (lodging) => worker.postMessage({ type: 'prepare', lodging } satisfies Prepare),
      end: () => worker.postMessage({ type: 'end' } satisfies EndEmpty),
    }
  }
}

/** What it does not know yet. */
function startOf({ system: _, memory: _m, epochMs: _e, limits: _l, spinMs: _s, context: _c, ...start }: BootRecord): Start {
  return start
}

/** Where somebody looks from outside before V8 does, V8 comes second, with room for what grows between two looks. */
const HARD_FACTOR = 'getHeapStatistics' in Worker.prototype ? 2 : 1

function hardLimit(heapMb: number): WorkerOptions {
  return Number.isFinite(heapMb) ? { resourceLimits: { maxOldGenerationSizeMb: heapMb * HARD_FACTOR } } : {}
}

function livingIn(worker: Worker, arena: Arena, seat: number): Isolate {
  return {
    post: (signal) => worker.postMessage(signal),
    kill: () => {
      // Never terminate a parked isolate: on Node 20 a notification during its teardown can crash the process (D3).
      markDying(arena, seat)
      ringHostedQueues(arena)
      void worker.terminate()
    },
    measure: () => measureWorker(worker),
    loop: () => loopOf(worker),
    watchStack: () => watchStack(worker),
  }
}

function reasonOf(thrown: unknown): ExitReason {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { kind: 'outOfMemory', detail: (thrown as Error).message, method: '', heapBytes: 0, externalBytes: 0 }
  return { kind: 'error', error: thrown }
}

/** What it was doing still stands in its seat. */
function withMethod(reason: ExitReason, arena: Arena, seat: number): ExitReason {
  if (reason.kind !== 'outOfMemory') return reason
  return { ...reason, method: new Names(arena).nameOf(methodIn(shownProgress(arena, seat))) ?? '' }
}
