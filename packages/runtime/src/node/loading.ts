import { InvalidArgumentError } from '../base/errors.ts'
import type { Module, ThreadModules } from './thread-modules.ts'

/** Several at a time: a spare may get its actor while it rehearses with another one, which has no source. */
const loading: string[] = []

/** Of an actor that nobody has written. */
export const NO_SOURCE = ''

/** Loads an actor's module. `source`: the URL that its author knows. */
export async function loadActor(modules: ThreadModules, url: string, source: string): Promise<Module> {
  loading.push(source)
  try {
    return await modules.load(url)
  } catch (error) {
    // Node shows the place of a syntax error only when it ends a thread, and tells nobody else.
    if (error instanceof SyntaxError && error.stack?.includes('file:') === false) error.message += ` (in ${source}, or in what it imports)`
    throw error
  } finally {
    loading.splice(loading.indexOf(source), 1)
  }
}

/** A module that starts a system at its top level would start one in every isolate that loads it, and so on. */
export function refuseWhileLoading(): void {
  const moduleLoading = loading.findLast((source) => source !== NO_SOURCE)
  if (moduleLoading === undefined) return
  throw new InvalidArgumentError(
    `${moduleLoading} starts a system, and an isolate is just loading it to find its actor. Move the actor class to a module of its own, which starts nothing.`,
  )
}
