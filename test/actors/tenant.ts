import { AsyncLocalStorage } from 'node:async_hooks'
import { registerContext } from '@troupe/runtime'

/** In the host and in isolates: each has a storage of its own, and the name in common. */
export const tenant = new AsyncLocalStorage<string>()
registerContext('tenant', tenant)
