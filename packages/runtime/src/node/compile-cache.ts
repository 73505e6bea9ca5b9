/** Node's own variable for its cache of compiled code. */
const VARIABLE = 'NODE_COMPILE_CACHE'
const FOLDER = 'troupe-compile-cache'

/**
 * The environment of a worker whose modules are to be compiled once, and not at each start: Node keeps the code on disk, by
 * content (since 22.8; here, or where the user says). It does nothing where it cannot write, or is told not to
 * (NODE_DISABLE_COMPILE_CACHE). This way it is in use before anything is loaded, and no module of Node is loaded for it.
 * Workers of that worker inherit it.
 */
export function withCompileCache(temporary: string): NodeJS.ProcessEnv {
  // Coverage is exact only for code that was compiled here.
  if (process.env['NODE_V8_COVERAGE'] !== undefined || process.env[VARIABLE] !== undefined) return process.env
  return { ...process.env, [VARIABLE]: `${temporary}/${FOLDER}` }
}

/** In such a worker: the code that it runs sees the environment that its service has. */
export function hideCompileCache(): void {
  if (process.env[VARIABLE]?.endsWith(`/${FOLDER}`)) delete process.env[VARIABLE]
}
