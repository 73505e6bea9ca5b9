import type { Address } from '../../packages/runtime/src/base/address.ts'
import { Codec } from '../../packages/runtime/src/codec/codec.ts'
import { copyOf } from '../../packages/runtime/src/codec/encoded.ts'

export { copyOf }

/** Stands in for the refs of the layer above. */
export class FakeRef {
  readonly address: Address
  constructor(address: Address) {
    this.address = address
  }
}

export const codec = newCodec()

export function newCodec(bytesMax?: number): Codec {
  return new Codec(
    { isRef: (value) => value instanceof FakeRef, toWire: (ref) => (ref as FakeRef).address, fromWire: (address) => new FakeRef(address) },
    bytesMax,
  )
}

export function encode(value: unknown): Uint8Array {
  return copyOf(codec.encodeArgs([value], 'store.put'))
}

export function decode(bytes: Uint8Array): unknown {
  return codec.decode(bytes, 0, bytes.length)
}

export function roundTrip(value: unknown): unknown {
  const bytes = encode(value)
  return codec.decodeArgs(bytes, 0, bytes.length)[0]
}

export function roundTripError(error: unknown): unknown {
  const bytes = copyOf(codec.encodeError(error, 'store.put'))
  return codec.decodeError(bytes, 0, bytes.length)
}

/** What the call throws, or undefined. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

/** The same numbers in every run (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
