import type { Address } from '../base/address.ts'
import { Codec } from '../codec/codec.ts'
import type { EnclosureHooks } from '../codec/enclosures.ts'

/** Refs are of no use to the control side, but they pass through it inside errors. */
class PassingRef {
  readonly address: Address
  constructor(address: Address) {
    this.address = address
  }
}

/** What the control side reads and writes with. */
export function passingCodec(enclosures: EnclosureHooks): Codec {
  const refs = {
    isRef: (value: object) => value instanceof PassingRef,
    toWire: (ref: object) => (ref as PassingRef).address,
    fromWire: (address: Address) => new PassingRef(address),
  }
  return new Codec(refs, undefined, undefined, enclosures)
}
