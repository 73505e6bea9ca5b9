import { InvalidNameError } from './errors.ts'
import { NAME_LENGTH_MAX } from './limits.ts'

/**
 * What a ref names. It survives restarts of its actor. A seat is a row of shared memory; when an address has ended its
 * seat is used again, with the next generation. A name used again is a new address.
 */
export interface Address {
  /** `/ledger/store`. For people: it is not what messages are routed by. */
  readonly path: string
  readonly seat: number
  readonly generation: number
}

/** Of no seat: they count from 1. */
export const NOBODYS_GENERATION = 0

/** Where `system.spawn` puts its actors. */
export const USER_PATH = '/user'

const NAME = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/

/** Refuses what would be a path, a wildcard or a prototype key somewhere on its way. */
export function checkName(name: unknown): string {
  if (typeof name !== 'string' || name.length > NAME_LENGTH_MAX || !NAME.test(name) || name === '__proto__')
    throw new InvalidNameError(name)
  return name
}

/** `/ledger` of `/ledger/store`; the root is its own parent. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

export function childPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`
}
