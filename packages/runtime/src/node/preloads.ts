/** Loads TypeScript in Node. An actor comes to its isolate as JavaScript, so there it would cost time and do nothing. */
const LOADERS = /(^|\/)(tsx|ts-node|esbuild-register|@swc-node\/register|@esbuild-kit\/[\w-]+|sucrase)(\/|$)/

const PRELOAD = /^(--import|--require|-r)(?:=(.*))?$/s

/**
 * The flags of this process that load something before its program: agents of monitoring tools, instrumentation. They are for
 * every isolate too (D14). What stands in NODE_OPTIONS reaches threads through the environment.
 */
export function preloadFlags(execArgv: readonly string[]): string[] {
  const flags: string[] = []
  for (let i = 0; i < execArgv.length; i++) {
    const [, flag, value = execArgv[i + 1]] = PRELOAD.exec(execArgv[i]!) ?? []
    if (flag === undefined || value === undefined) continue
    if (!LOADERS.test(value)) flags.push(flag, value)
  }
  return flags
}
