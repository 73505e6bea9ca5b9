// The file that an isolate's thread runs. Everything else is loaded after the cache of compiled code is in use; the public
// entry too, before there is an actor, because each will ask for it.
import { useCompileCache } from './node/compile-cache.ts'

useCompileCache()
const [{ runIsolate }] = await Promise.all([import('./node/isolate-thread.ts'), import(new URL('./index.js', import.meta.url).href)])
runIsolate(new URL('./rehearsal-entry.js', import.meta.url).href)
