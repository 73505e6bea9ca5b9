import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyBytes } from '../../packages/runtime/src/base/copy-bytes.ts'

const memory = fc.constantFrom(ArrayBuffer, SharedArrayBuffer)

test('copyBytes: any size from and to any place, in private and shared memory, and nothing beside it', () => {
  fc.assert(
    fc.property(memory, memory, fc.nat(5_000), fc.nat(70), fc.nat(70), fc.nat(255), (From, To, length, fromAt, at, seed) => {
      const from = new Uint8Array(new From(length + fromAt), fromAt).map((_, i) => (i * 7 + seed) & 0xff)
      const to = new Uint8Array(new To(length + at + 3)).fill(seed)
      copyBytes(to, at, from)
      expect(Buffer.compare(to.subarray(at, at + length), from)).toBe(0)
      for (const beside of [...to.subarray(0, at), ...to.subarray(at + length)]) expect(beside).toBe(seed)
    }),
  )
})
