import type { Address } from '../base/address.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import { asRef } from '../ref/actor-ref.ts'
import type { Messenger } from '../ref/messenger.ts'
import type { AnyRef } from '../ref/ref-types.ts'

/** Throws InvalidArgumentError for what is no ref, or one of another system. */
export function addressOf(ref: AnyRef, messenger: Messenger): Address {
  const known = asRef(ref)
  if (known.isOf(messenger)) return known.address
  throw new InvalidArgumentError(
    `${known.path} is a ref of another system: its address could mean somebody else here. Pass a ref of this one.`,
  )
}
