import { InvalidArgumentError } from '@troupe/runtime'

/** @throws {InvalidArgumentError} for what another copy of would be another key, or is no text */
export function checkKey(key: string, what: string): void {
  if (typeof key !== 'string') throw new InvalidArgumentError(`${what}: the key is ${String(key)}, and must be a text.`)
}
