import { type ContextStorage, contextStorage, TRACE, type TraceContext } from './context-keys.ts'
import { currentTracer, type SendSpan, type TracedCall, type Tracer } from './tracer.ts'

/** What AsyncLocalStorage does, for inner layers. */
export interface AsyncContext {
  /** A storage of our own. */
  storage<T>(): ContextStorage<T>
  /** The function, to be run in the context of now. */
  bind<F extends (...args: never) => unknown>(call: F): F
}

/** The values of the system's keys, in their order; undefined: the key has none. */
export type Carried = readonly unknown[]

let context: AsyncContext | undefined
let passing: ContextStorage<Carried> | undefined

/** Until the edge has done this, nothing travels. */
export function installAsyncContext(installed: AsyncContext): void {
  context = installed
}

/**
 * What travels with messages beside their arguments: the values of the keys that the system lists, last in the arguments of a
 * record that says so. There is none in a system that lists no key, and a message for which no key has a value is as any other.
 */
export class Carrier {
  readonly #keys: readonly string[]
  /** The place of 'trace' among them, or -1. */
  readonly #trace: number

  constructor(keys: readonly string[]) {
    this.#keys = keys
    this.#trace = keys.indexOf(TRACE)
    passing ??= context!.storage()
  }

  /** What makes spans of this thread's messages, where 'trace' travels; most threads have none. */
  get tracer(): Tracer | undefined {
    return this.#trace < 0 ? undefined : currentTracer()
  }

  /** The span of what is sent now. */
  begin(tracer: Tracer, call: TracedCall): SendSpan {
    return tracer.send(call, asTrace(contextStorage(TRACE)?.getStore()))
  }

  /** The values of now. What this thread has no storage for goes on as it came. `trace`: of the message's own span, if it has one. */
  outgoing(trace?: TraceContext): Carried | undefined {
    const came = passing!.getStore()
    const values = this.#keys.map((key, i) => {
      const storage = contextStorage(key)
      return storage === undefined ? came?.[i] : storage.getStore()
    })
    if (trace !== undefined) values[this.#trace] = trace
    return values.some((value) => value !== undefined) ? values : undefined
  }

  /**
   * Runs a handler, with nothing but what its message brought: not what the one before it has left behind. `call`: where it gets
   * a span, which is then its trace.
   */
  enter<R>(carried: unknown, call: TracedCall | undefined, handle: () => R): R {
    const values: unknown[] = Array.isArray(carried) ? carried : []
    let run = handle
    if (call !== undefined) {
      const span = this.tracer!.process(call, asTrace(values[this.#trace]))
      values[this.#trace] = span.context ?? values[this.#trace]
      run = () => span.run(handle)
    }
    for (const [i, key] of this.#keys.entries()) {
      const [storage, inner] = [contextStorage(key), run]
      if (storage !== undefined) run = () => storage.run(values[i], inner)
    }
    return passing!.run(values, run)
  }

  /** For what is called later, by somebody else: a timer's task, a callback. */
  bind<F extends (...args: never) => unknown>(call: F): F {
    return context!.bind(call)
  }
}

/** It has come with a message, or from a request: it may be anything. */
function asTrace(value: unknown): TraceContext | undefined {
  const { traceparent, tracestate } = (value ?? {}) as Partial<TraceContext>
  if (typeof traceparent !== 'string') return undefined
  return typeof tracestate === 'string' ? { traceparent, tracestate } : { traceparent }
}
