import { InvalidArgumentError } from '../base/errors.ts'
import type { Module, ThreadModules } from './thread-modules.ts'

interface Starters {
  readonly source: string
  readonly starters: readonly string[]
}

interface Loading {
  readonly source: string
  readonly refuse: (error: Error) => void
}

/** Several at a time: a spare may get its actor while it rehearses with another one, which has no source. */
const loading: Loading[] = []
/** Of the actor of this isolate: its module, and those whose code has started its system, the innermost first. */
let own: Starters | undefined

/** Of an actor that nobody has written. */
export const NO_SOURCE = ''

/** Loads an actor's module. `source`: the URL that its author knows. */
export async function loadActor(modules: ThreadModules, url: string, source: string): Promise<Module> {
  let refuse!: (error: Error) => void
  const refused = new Promise<never>((_, reject) => (refuse = reject))
  const entry = { source, refuse }
  loading.push(entry)
  try {
    return await Promise.race([modules.load(url), refused])
  } catch (error) {
    // Node shows the place of a syntax error only when it ends a thread, and tells nobody else.
    if (error instanceof SyntaxError && error.stack?.includes('file:') === false) error.message += ` (in ${source}, or in what it imports)`
    throw error
  } finally {
    loading.splice(loading.indexOf(entry), 1)
  }
}

/** Called when an isolate gets its actor. */
export function knowStarters({ source, starters }: Starters): void {
  own = { source, starters }
}

/**
 * A module that starts a system at its top level, or in a `main()` that it calls there, would start one in every isolate that loads it,
 * and so on without an end. While it is being loaded the start never settles, so that it is the loading that fails, and not whoever awaits it.
 * After that it is known by its name: the actor's own module, or, where that imports the program, the program as the outermost caller.
 */
export function refuseInIsolates(callers: readonly string[]): Promise<never> | undefined {
  const entry = loading.findLast(({ source }) => source !== NO_SOURCE)
  if (entry !== undefined) {
    entry.refuse(refusal(entry.source, 'and an isolate is just loading it to find its actor'))
    return new Promise<never>(() => undefined)
  }
  const program = own?.starters.at(-1)
  const again = own?.starters.includes(own.source) === true ? own.source : callers.find((caller) => caller === program)
  if (again !== undefined) throw refusal(again, 'and this isolate has loaded it to find its actor')
  return undefined
}

function refusal(source: string, why: string): Error {
  return new InvalidArgumentError(`${source} starts a system, ${why}. Move the actor class to a module of its own, which starts nothing.`)
}
