import type { ExitReason, StartStage } from './exit-reason.ts'

/** What to do about an error that a module is known to fail with while it is loaded. The first row that matches. */
const LOAD_CURES: readonly { readonly code?: RegExp; readonly text?: RegExp; readonly cure: string }[] = [
  {
    text: /Cannot find (package|module) 'esbuild'/,
    cure: 'Actors in TypeScript are bundled by esbuild, which is a dependency of @troupe/runtime: install with optional and platform packages.',
  },
  {
    code: /^(ERR_)?MODULE_NOT_FOUND$/,
    cure: "Mend the path (plain JavaScript needs the file's extension in it), or install the package where the actor's module can find it.",
  },
  {
    text: /Cannot use import statement outside a module|Unexpected token 'export'/,
    cure: 'The file is taken for CommonJS. Name it .mjs, or write "type": "module" into the package.json above it.',
  },
  {
    text: /^(require|module|exports|__dirname|__filename) is not defined/,
    cure: 'The file is an ES module. Use import and import.meta.url, or name it .cjs.',
  },
  {
    code: /^ERR_REQUIRE_(ESM|ASYNC_MODULE)$/,
    cure: 'A CommonJS file requires an ES module that it cannot have in this way. Use import() there.',
  },
  {
    code: /^ERR_DLOPEN_FAILED$/,
    cure: 'A native addon does not fit this Node or this machine, or cannot be loaded in a worker thread. Try: npm rebuild.',
  },
  {
    text: /does not provide an export named/,
    cure: 'It imports a name that the other module does not export. A type must be imported with `import type`.',
  },
]

/** A sentence for the end of an error text, or nothing. */
export function startCure(stage: StartStage, error: unknown): string {
  if (stage !== 'load' || !(error instanceof Error)) return ''
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = LOAD_CURES.find((row) => row.code?.test(code) === true || row.text?.test(error.message) === true)
  return known === undefined ? '' : ` ${known.cure}`
}

const STAGES_LATE: Record<StartStage, string> = {
  isolate: 'its thread is still starting: the machine is busy, or short of memory.',
  load: 'its module is still being loaded: it has a top-level await that does not settle, or works long at its top level.',
  constructor: 'its constructor is still running.',
  onStart: 'its onStart has not settled.',
  timeout: '',
}

/** What a start that took too long was doing. */
export function lateStart(startMs: number, stage: StartStage): ExitReason {
  const text = `not ready within ${startMs} ms: ${STAGES_LATE[stage]} Raise startMs if it may take so long.`
  return { kind: 'startFailed', stage: 'timeout', error: new Error(text) }
}
