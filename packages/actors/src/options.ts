import { InvalidArgumentError } from '@troupe/runtime'

type KeysOf<O> = O extends unknown ? keyof O : never

/** Of the options of a class or a function: complete, or it does not compile. */
export type Known<O> = Readonly<Record<KeysOf<O>, true>>

/**
 * A misspelt option would change nothing, in silence: it is refused. The compiler finds it too, where it is asked.
 *
 * @throws {InvalidArgumentError} that names the option, and those that there are
 */
export function checkOptions<O extends object>(options: O, known: Known<O>, what: string): O {
  if (typeof options !== 'object' || options === null)
    throw new InvalidArgumentError(`${what}: the options are ${String(options)}, and must be an object with ${names(known)}.`)
  for (const key of Object.keys(options))
    if (!Object.hasOwn(known, key)) throw new InvalidArgumentError(`${what}: there is no option '${key}'. Known: ${names(known)}.`)
  return options
}

/** @throws {InvalidArgumentError} */
export function checkWhole(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError(`${what} is ${value}, and must be a whole number above 0.`)
}

/** @throws {InvalidArgumentError} for what would only be missed when it is called */
export function checkFunction<F>(value: F, what: string): F {
  if (typeof value === 'function') return value
  throw new InvalidArgumentError(`${what} is ${String(value)}, and must be a function.`)
}

function names(known: object): string {
  return Object.keys(known).join(', ')
}
