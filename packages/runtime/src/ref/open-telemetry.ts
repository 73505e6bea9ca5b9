import {
  type Context,
  context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { TraceContext } from './context-keys.ts'
import { setTracer, type TracedCall, type Tracer } from './tracer.ts'

/**
 * From now on this thread makes spans of its messages, with whatever provider is registered at OpenTelemetry's API: a producer's
 * for each that it sends, a consumer's for each that it handles. Call it in the host, and in the modules of actors, where the
 * provider is registered. The system must list 'trace' in its `context`: the spans of different threads are joined by that.
 */
export function traceMessages(): void {
  setTracer(openTelemetry)
}

const openTelemetry: Tracer = {
  send(call, outer) {
    const active = context.active()
    const span = startSpan(call, 'send', trace.getSpan(active) === undefined ? contextOf(outer) : active)
    return { context: traceOf(span), end: (failure) => end(span, failure) }
  },

  process(call, sender) {
    // What is active now belongs to whoever has woken the event loop.
    const parent = contextOf(sender)
    const span = startSpan(call, 'process', parent)
    return { context: traceOf(span), run: (handle) => runWithin(span, parent, handle) }
  },
}

/** Named by the method: paths are too many for names. */
function startSpan({ from, to, method, isAsk }: TracedCall, type: 'send' | 'process', parent: Context): Span {
  const operation = type === 'process' ? type : isAsk ? 'ask' : 'tell'
  const attributes = {
    'messaging.system': 'troupe',
    'messaging.operation.type': type,
    'messaging.operation.name': operation,
    'messaging.destination.name': to,
    'troupe.method': method,
    'troupe.sender': from,
  }
  const kind = type === 'send' ? SpanKind.PRODUCER : SpanKind.CONSUMER
  return trace.getTracer('@troupe/runtime').startSpan(`${operation} ${method}`, { kind, attributes }, parent)
}

function runWithin<R>(span: Span, parent: Context, handle: () => R): R {
  let result: R
  try {
    result = context.with(trace.setSpan(parent, span), handle)
  } catch (error) {
    end(span, { error })
    throw error
  }
  if (typeof (result as { then?: unknown } | undefined | null)?.then === 'function') return endLater(span, result) as R
  end(span)
  return result
}

/** In the place of the result: there are thenables that start anew with each `then`. */
async function endLater<R>(span: Span, result: R): Promise<Awaited<R>> {
  try {
    const value = await result
    end(span)
    return value
  } catch (error) {
    end(span, { error })
    throw error
  }
}

function end(span: Span, failure?: { readonly error: unknown }): void {
  if (failure !== undefined) {
    const { error } = failure
    const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) }
    span.recordException(error instanceof Error ? error : message)
    span.setAttribute('error.type', name)
    span.setStatus({ code: SpanStatusCode.ERROR, message })
  }
  span.end()
}

function traceOf(span: Span): TraceContext | undefined {
  const spanContext = span.spanContext()
  if (!isSpanContextValid(spanContext)) return undefined
  const { traceId, spanId, traceFlags, traceState } = spanContext
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
  return traceState === undefined ? { traceparent } : { traceparent, tracestate: traceState.serialize() }
}

/** As W3C's Trace Context defines it; what is none begins a trace of its own. No propagator needs to be registered. */
function contextOf(parent: TraceContext | undefined): Context {
  const parts = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-|$)/.exec(parent?.traceparent ?? '')
  if (parts === null) return ROOT_CONTEXT
  const [, traceId, spanId, flags] = parts as unknown as [string, string, string, string]
  const traceState = parent?.tracestate === undefined ? {} : { traceState: createTraceState(parent.tracestate) }
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, ...traceState })
}
