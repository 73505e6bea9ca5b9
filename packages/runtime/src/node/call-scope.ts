import { AsyncLocalStorage } from 'node:async_hooks'
import type { Call } from '../actor/call.ts'
import type { CallScope } from '../actor/slots.ts'

/** Only for actors that have several messages at work: it makes each await a little dearer. */
export function callScope(): CallScope {
  const storage = new AsyncLocalStorage<Call>()
  return { run: (call, work) => storage.run(call, work), current: () => storage.getStore() }
}
