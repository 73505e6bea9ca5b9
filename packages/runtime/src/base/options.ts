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
