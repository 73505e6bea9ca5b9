import { AsyncLocalStorage } from 'node:async_hooks'
import type { AsyncContext } from '../ref/carrier.ts'
import type { TraceContext } from '../ref/context-keys.ts'

export const asyncContext: AsyncContext = {
  storage: () => new AsyncLocalStorage(),
  bind: (call) => AsyncLocalStorage.bind(call as never),
}

/**
 * The W3C trace context in which messages are sent, and with which they are handled, where the system's `context` has 'trace':
 * `traceContext.run({ traceparent }, () => ref.ask.add(1))`.
 */
export const traceContext = new AsyncLocalStorage<TraceContext | undefined>()
