import * as nodeModule from 'node:module'

/** Not there before Node 22.8 and 22.10; the types are those of Node 20. */
const { enableCompileCache, flushCompileCache } = nodeModule as {
  enableCompileCache?: () => unknown
  flushCompileCache?: () => void
}

/**
 * From here on this thread takes compiled code from Node's own cache on disk (its default place, or NODE_COMPILE_CACHE), by
 * content: parsing the runtime is a good part of what an isolate costs at its start. Node does nothing where it cannot
 * write, or is told not to (NODE_DISABLE_COMPILE_CACHE).
 */
export function useCompileCache(): void {
  // Coverage is exact only for code that was compiled here.
  if (process.env['NODE_V8_COVERAGE'] === undefined) enableCompileCache?.()
}

/** Writes what has been compiled so far. Otherwise it is written when the thread ends by itself, but not when it is killed. */
export function keepCompiled(): void {
  flushCompileCache?.()
}
