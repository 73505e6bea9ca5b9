import { type Context, context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { traceMessages } from '@troupe/runtime/otel'

/** The real SDK, as a service sets it up, in every thread that loads this module; what it exports can be asked for. */
const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
context.setGlobalContextManager(new AsyncLocalStorageContextManager())
traceMessages()

export interface Exported {
  readonly trace: string
  readonly id: string
  readonly parent: string | undefined
  readonly name: string
  readonly kind: string
  readonly failed: boolean
  readonly exceptions: readonly unknown[]
  readonly attributes: Record<string, unknown>
}

export function exported(): Exported[] {
  return exporter.getFinishedSpans().map(plain)
}

/** A span of the user's own, which is active meanwhile. */
export function within<R>(name: string, call: () => R, parent: Context = context.active()): R {
  return trace.getTracer('test').startActiveSpan(name, {}, parent, (span) => {
    const result = call()
    span.end()
    return result
  })
}

function plain(span: ReadableSpan): Exported {
  const { traceId, spanId } = span.spanContext()
  return {
    trace: traceId,
    id: spanId,
    parent: span.parentSpanContext?.spanId,
    name: span.name,
    kind: SpanKind[span.kind]!,
    failed: span.status.code === SpanStatusCode.ERROR,
    exceptions: span.events.map(({ attributes }) => attributes?.['exception.message']),
    attributes: { ...span.attributes },
  }
}
