import { InvalidArgumentError } from '../base/errors.ts'
import { checkDuration } from '../base/limits.ts'
import { nearestName } from '../base/nearest-name.ts'
import { checkWord } from '../base/options.ts'

/** What a class says of itself in `static` fields, beside `concurrency` and `reentrant` (slots.ts) and `schemas` (schemas.ts). */
export interface Statics {
  readonly onThrow?: 'reply' | 'crash'
  readonly hangAfterMs?: number
}

/** Without `module`: who misspells that one has no place to be loaded from, and is told so. */
const KNOWN = ['onThrow', 'hangAfterMs', 'concurrency', 'reentrant', 'schemas']

/**
 * @param top the class that all actors extend
 * @throws {InvalidArgumentError} that names the class and the field, and says what to write
 */
export function checkStatics(actorClass: object, top: object, name: string): void {
  const { onThrow, hangAfterMs } = actorClass as Statics
  checkWord(onThrow, ['reply', 'crash'], name, 'static onThrow')
  if (hangAfterMs !== undefined) checkDuration(hangAfterMs, `${name}.hangAfterMs`, { infinity: true })
  for (let at = actorClass; at !== top; at = Object.getPrototypeOf(at)) refuseMisspelt(at, actorClass, name)
}

/** A misspelt one would change nothing, in silence. A static method is never meant as one, nor what stands beside the known one. */
function refuseMisspelt(at: object, actorClass: object, name: string): void {
  for (const [field, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
    if (KNOWN.includes(field) || typeof value === 'function') continue
    const meant = nearestName(field, KNOWN, editsFor)
    if (meant === undefined || meant in actorClass) continue
    throw new InvalidArgumentError(
      `${name}: static ${field} is nothing that the runtime knows. Did you mean 'static ${meant}'? If it is something of yours, give it a name that is less like that.`,
    )
  }
}

/** Fewer than in an error text: here a name that only looks like one would keep an actor from its start. */
function editsFor(known: string): number {
  return known.length < 9 ? 1 : 2
}
