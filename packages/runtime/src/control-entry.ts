// The file that the control thread runs. Everything else is loaded after the cache of compiled code is in use.
import { useCompileCache } from './node/compile-cache.ts'

useCompileCache()
const { startControl } = await import('./control-start.ts')
startControl()
