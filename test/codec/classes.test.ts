import { expect, test } from 'vitest'
import { InvalidArgumentError, NotSendableError, UnreadableMessageError } from '../../packages/runtime/src/base/errors.ts'
import { registerClass, registerError } from '../../packages/runtime/src/codec/class-registry.ts'
import { codec, copyOf, decode, encode, hex, roundTrip, thrownBy } from './harness.ts'

class Money {
  readonly #cents: number
  constructor(cents: number) {
    this.#cents = cents
  }
  static centsOf(money: Money): number {
    return money.#cents
  }
}
class Folder {
  entries: unknown[] = []
}
class Dollars extends Money {}

registerClass({ name: 'money', class: Money, encode: Money.centsOf, decode: (cents: number) => new Money(cents) })
registerClass({
  name: 'folder',
  class: Folder,
  encode: (folder) => folder.entries,
  decode: (entries: unknown[]) => Object.assign(new Folder(), { entries }),
})

test('D9: an instance of a registered class arrives as one', () => {
  const got = roundTrip({ price: new Money(995), list: [new Money(1)] }) as { price: Money; list: Money[] }
  expect([Money.centsOf(got.price), Money.centsOf(got.list[0]!)]).toEqual([995, 1])
})

test('D9: what a codec makes can be anything that can be sent, instances too, and keeps its identity', () => {
  const folder = new Folder()
  const shared = new Money(5)
  folder.entries = [shared, new Map([['m', shared]]), new Folder()]
  const got = roundTrip([folder, folder, shared]) as [Folder, Folder, Money]
  expect(got[0]).toBe(got[1])
  expect(got[0].entries[0]).toBe(got[2])
  expect((got[0].entries[1] as Map<string, Money>).get('m')).toBe(got[2])
  expect(got[0].entries[2]).toBeInstanceOf(Folder)
})

test('D9: an instance that contains itself is refused, with the path', () => {
  const folder = new Folder()
  folder.entries = [1, { folder }]
  expect(thrownBy(() => encode(folder))).toMatchObject({
    path: 'args[0]<folder>[1].folder',
    message: expect.stringMatching(/contains itself/),
  })
  expect(Money.centsOf(roundTrip(new Money(1)) as Money)).toBe(1)
})

test('D9: a fault inside what a codec made has its path', () => {
  const folder = new Folder()
  folder.entries = [() => 1]
  expect(thrownBy(() => encode({ folder }))).toMatchObject({ path: 'args[0].folder<folder>[0]' })
})

test('D9: a subclass is another class', () => {
  expect(thrownBy(() => encode(new Dollars(1)))).toBeInstanceOf(NotSendableError)
})

test('D9: a name on the wire revives nothing that is not registered', () => {
  const bytes = encode(new Money(1))
  const renamed = Uint8Array.from(bytes, (byte) => (byte === 'm'.charCodeAt(0) ? 'h'.charCodeAt(0) : byte))
  expect(thrownBy(() => decode(renamed))).toMatchObject({
    message: expect.stringMatching(/an instance of "honey", which is not registered here/),
  })
})

test('D9: nor does a record in which an instance is made of itself', () => {
  const folder = [...Buffer.from('folder')].map((byte) => byte.toString(16)).join(' ')
  expect(thrownBy(() => decode(hex(`d4 54 00 92 0c d4 54 00 93 0a a6 ${folder} d4 54 00 92 0d 00`)))).toMatchObject({
    message: expect.stringMatching(/refers to an object that it does not have/),
  })
})

test('D9: a codec that throws is named, and does no harm', () => {
  class Fragile {
    fails: string
    constructor(fails: string) {
      this.fails = fails
    }
  }
  const fail = (fragile: string, where: string): string => {
    if (fragile === where) throw new Error(`no ${where}`)
    return fragile
  }
  registerClass({
    name: 'fragile',
    class: Fragile,
    encode: ({ fails }) => fail(fails, 'encode'),
    decode: (fails: string) => new Fragile(fail(fails, 'decode')),
  })
  expect(thrownBy(() => encode([new Fragile('encode')]))).toMatchObject({ path: 'args[0][0]<fragile>', cause: { message: 'no encode' } })
  const error = thrownBy(() => roundTrip(new Fragile('decode')))
  expect(error).toBeInstanceOf(UnreadableMessageError)
  expect(error).toMatchObject({ cause: { message: 'no decode' } })
  expect(roundTrip(new Fragile('nothing'))).toEqual(new Fragile('nothing'))
})

test('D9: a codec, a getter or a ref may encode and decode messages of its own in the middle of one', () => {
  class Chatty {}
  const inner = (): string => {
    const { bytes, start, end } = codec.encodeArgs(['inner', { a: [1] }], 'inner.call')
    return JSON.stringify(codec.decode(bytes, start, end))
  }
  registerClass({ name: 'chatty', class: Chatty, encode: () => inner(), decode: () => inner() as never })
  const sent = {
    before: 'x'.repeat(50),
    get middle() {
      return inner()
    },
    chatty: new Chatty(),
    after: [1, 2],
  }
  const { bytes, start, end } = codec.encodeArgs([sent], 'outer.call')
  const got = codec.decode(bytes, start, end)
  const said = '["inner",{"a":[1]}]'
  expect(got).toStrictEqual([{ before: 'x'.repeat(50), middle: said, chatty: said, after: [1, 2] }])
})

test('D9: registering twice is harmless, a name for two classes is refused', () => {
  registerError(class OwnError extends Error {}, 'own-error')
  const again = { name: 'money', class: Money, encode: Money.centsOf, decode: (cents: number) => new Money(cents) }
  registerClass(again)
  const refused = [
    () => registerClass({ ...again, class: Dollars }),
    () => registerClass({ ...again, name: '' }),
    () => registerClass({ ...again, name: 'map', class: Map as never }),
    () => registerClass({ ...again, class: undefined as never }),
    () => registerError(class OwnError extends Error {}, 'own-error'),
    () => registerError(class OwnError extends Error {}, 'TypeError'),
  ]
  for (const register of refused) expect(thrownBy(register)).toBeInstanceOf(InvalidArgumentError)
  expect(copyOf(codec.encodeArgs([new Money(3)], 'x'))).toEqual(encode(new Money(3)))
})
