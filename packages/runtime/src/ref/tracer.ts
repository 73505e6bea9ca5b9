import type { TraceContext } from './context-keys.ts'

/** A call, as a span describes it. */
export interface TracedCall {
  readonly from: string
  readonly to: string
  readonly method: string
  readonly isAsk: boolean
}

/** What makes spans in one thread (ref/open-telemetry.ts). */
export interface Tracer {
  /** Begins the span of a send. `outer`: what it belongs to where no span is active. */
  send(call: TracedCall, outer: TraceContext | undefined): SendSpan
  /** Begins the span of a handler. `sender`: what the message said. */
  process(call: TracedCall, sender: TraceContext | undefined): ProcessSpan
}

export interface SendSpan {
  /** What the message says of it; undefined: nothing is traced. */
  readonly context: TraceContext | undefined
  /** Once. `failure`: what it failed with, if it did. */
  end(failure?: { readonly error: unknown }): void
}

export interface ProcessSpan {
  readonly context: TraceContext | undefined
  /** Runs the handler within it; it ends when the result is there, and before anybody sees it. */
  run<R>(handle: () => R): R
}

const KEY = Symbol.for('@troupe/runtime/tracer')
const global = globalThis as { [KEY]?: Tracer | undefined }

/** Of this thread. Under a global name: what makes spans is in the actor's bundle, and the runtime that asks it is not. */
export function setTracer(tracer: Tracer | undefined): void {
  global[KEY] = tracer
}

export function currentTracer(): Tracer | undefined {
  return global[KEY]
}
