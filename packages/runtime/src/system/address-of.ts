import type { Address } from '../base/address.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import { RefTo } from '../ref/actor-ref.ts'
import type { Messenger } from '../ref/messenger.ts'
import type { AnyRef } from '../ref/ref-types.ts'

/** Throws InvalidArgumentError for what is no ref, or one of another system. */
export function addressOf(ref: AnyRef, messenger: Messenger): Address {
  const known: unknown = ref
  if (known instanceof RefTo && known.isOf(messenger)) return known.address
  throw new InvalidArgumentError(
    known instanceof RefTo
      ? `${known.address.path} is a ref of another system: its address could mean somebody else here. Pass a ref of this one.`
      : 'this is not an actor ref. Pass what spawn() resolved to (await it), or system.ref(spec); a path or a name is not enough.',
  )
}
