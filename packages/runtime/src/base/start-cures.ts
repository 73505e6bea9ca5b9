import type { ExitReason, StartStage } from './exit-reason.ts'

/** As esbuild says it. */
const UNRESOLVED = /error: Could not resolve "/i
const NOT_FOUND = /^(ERR_)?MODULE_NOT_FOUND$/
const NO_ADDON = /Cannot find module '[^']*\.node'|Could not locate the bindings file|No native build was found/

/** What to do about an error that a module is known to fail with while it is loaded. The first row that matches. */
const LOAD_CURES: readonly { readonly code?: RegExp; readonly text?: RegExp; readonly cure: string }[] = [
  {
    text: /Cannot find (package|module) 'esbuild'/,
    cure: 'Actors in TypeScript are bundled by esbuild, which is a dependency of @troupe/runtime: install with optional and platform packages.',
  },
  {
    text: NO_ADDON,
    cure: 'A native addon is missing: its install script has not run (pnpm asks for approval), or it was installed for another machine. Install it here: npm rebuild.',
  },
  {
    code: NOT_FOUND,
    cure: "Mend the path (plain JavaScript needs the file's extension in it), or install the package where the actor's module can find it.",
  },
  {
    code: /^ERR_UNSUPPORTED_DIR_IMPORT$/,
    cure: "That is a folder. A class says which file it is in: static readonly module = import.meta.url; an import names the file, 'lib/index.js'.",
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
    text: UNRESOLVED,
    cure: "Mend the path, or install the package where the actor's module can find it.",
  },
  {
    text: /does not provide an export named|ERROR: No matching export in/,
    cure: 'It imports a name that the other module does not export. A type must be imported with `import type`.',
  },
]

const STAGES_OF_LOADING: ReadonlySet<StartStage> = new Set(['resolve', 'bundle', 'load'])

/** A module that cannot be found is that, whoever looked for it in vain. An addon is missed only by the code that wants it. */
export function stageOfLoading(error: unknown, stage: 'bundle' | 'load'): StartStage {
  if (!(error instanceof Error) || NO_ADDON.test(error.message)) return stage
  return UNRESOLVED.test(error.message) || NOT_FOUND.test(codeOf(error)) ? 'resolve' : stage
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The text of an error as a sentence, with another one behind it that says what to do, where that is known. */
export function withStartCure(text: string, stage: StartStage, error: unknown): string {
  if (!STAGES_OF_LOADING.has(stage) || !(error instanceof Error)) return text
  const code = codeOf(error)
  const known = LOAD_CURES.find((row) => row.code?.test(code) === true || row.text?.test(error.message) === true)
  return known === undefined ? text : `${text}${/[.!?]$/.test(text) ? '' : '.'} ${known.cure}`
}

/** `file:line:column` of the user's own code that an error's text does not say; undefined: it says it, or nobody knows. */
export function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined
  const isOurs = (line: string): boolean =>
    /\bnode:|[\\/]esbuild[\\/]lib[\\/]|@troupe[\\/]runtime[\\/]|[\\/]runtime[\\/]dist[\\/]/.test(line)
  for (const line of error.stack.split('\n')) {
    const place = /(?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?:\d+(?::\d+)?(?=\)?$)/.exec(line)?.[0]
    if (place !== undefined && !isOurs(line)) return error.message.includes(place) ? undefined : place
  }
  return undefined
}

const STAGES_LATE: Record<StartStage, string> = {
  resolve: '',
  bundle: '',
  isolate: 'its thread is still starting: the machine is busy, or short of memory.',
  load: 'its module is still being loaded: it has a top-level await that does not settle, or works long at its top level.',
  constructor: 'its constructor is still running.',
  onStart: 'its onStart has not settled.',
  timeout: '',
}

/** What a start that took too long was doing. */
export function lateStart(startMs: number, stage: StartStage, module: string): ExitReason {
  const text = `not ready within ${startMs} ms: ${STAGES_LATE[stage]} Its module: ${module}. Raise startMs if it may take so long.`
  return { kind: 'startFailed', stage: 'timeout', error: new Error(text) }
}
