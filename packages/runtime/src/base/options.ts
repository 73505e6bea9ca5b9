import { InvalidArgumentError } from './errors.ts'
import { didYouMean } from './nearest-name.ts'
import { shown } from './shown.ts'

/**
 * A misspelt option would change nothing, in silence: it is refused. `what`: what its key is called in the text.
 *
 * @throws {InvalidArgumentError} that names the key, and what was probably meant
 */
export function checkKeys(options: object, known: readonly string[], call: string, what = 'option'): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidArgumentError(`${call}: the options are ${shown(options)}, and must be an object with ${known.join(', ')}.`)
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    throw new InvalidArgumentError(`${call}: there is no ${what} '${key}'.${didYouMean(key, known) || ` Known: ${known.join(', ')}.`}`)
  }
}

/**
 * As `checkKeys`, for the value of an option that is one of a few words. undefined: it is not given.
 *
 * @throws {InvalidArgumentError} that shows the value, and what was probably meant
 */
export function checkWord(value: unknown, known: readonly string[], call: string, option: string): void {
  if (value === undefined || known.includes(value as string)) return
  const meant = typeof value === 'string' ? didYouMean(value, known) : ''
  throw new InvalidArgumentError(
    `${call}: ${option} is ${shown(value)}, and must be ${known.map((word) => `'${word}'`).join(' or ')}.${meant}`,
  )
}

/** By what is used of it, for there are AbortSignals of other realms. */
export function checkSignal(signal: unknown, call: string): void {
  if (signal === undefined || signal === null) return
  if (typeof signal === 'object' && 'aborted' in signal && 'addEventListener' in signal) return
  const cure = typeof signal === 'object' && 'signal' in signal ? 'Pass controller.signal.' : 'Pass the signal of an AbortController.'
  throw new InvalidArgumentError(`${call}: signal is ${shown(signal)}, and must be an AbortSignal. ${cure}`)
}
