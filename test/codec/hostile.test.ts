import { expect, test } from 'vitest'
import { UnreadableMessageError } from '../../packages/runtime/src/base/errors.ts'
import { damaged, SAMPLES } from './fuzz-records.ts'
import { codec, copyOf, decode, encode, hex, randomFrom, roundTrip, thrownBy } from './harness.ts'

function repeated(unit: string, times: number, end = ''): Uint8Array {
  return hex(unit.repeat(times) + end)
}

/** Numbers are those of the list of bad inputs. */
const UNREADABLE: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ['1 nothing', hex('')],
  ['2 the byte that is never used', hex('c1')],
  ['2 the same inside an array', hex('92 01 c1')],
  ['3 a string that ends too early', hex('a5 61')],
  ['4 bytes left over', hex('01 02')],
  ['5 an array of 2^32−1', hex('dd ff ff ff ff')],
  ['6 four arrays of 2^25', hex('dd 01 ff ff ff dd 01 ff ff ff dd 01 ff ff ff dd 01 ff ff ff')],
  ['7 a map of 2^32−1', hex('df ff ff ff ff')],
  ['7 a map that ends after a key', hex('82 a1 61 01 a1 62')],
  ['8 binary of 2^32−1', hex('c6 ff ff ff ff')],
  ['8 an extension of 2^32−1', hex('c9 ff ff ff ff 42')],
  ['8 a string of 2^32−1', hex('db ff ff ff ff')],
  ['8 a Buffer that ends before its length', hex('92 01 c4')],
  ['9 a million arrays', repeated('91', 1_000_000, 'c0')],
  ['9 a million maps', repeated('81 a1 61', 1_000_000, 'c0')],
  ['9 extensions in each other', nestedUrls(100_000)],
  ['13 a key that is an array', hex('81 90 01')],
  ['14 a string that is not UTF-8', hex('a2 c3 28')],
  ['14 a long string that is not UTF-8', hex(`d9 3c${' c3'.repeat(60)}`)],
  ['14 a surrogate in UTF-8', hex('a3 ed a0 80')],
  ['15 an extension nobody knows', hex('d4 05 00')],
  ['15 a timestamp of MessagePack', hex('c7 0c ff ff ff ff ff ff ff ff ff ff ff ff ff')],
  ['15 a tag without parts', hex('d4 54 00 01')],
  ['15 a tag of no kind', hex('d4 54 00 90')],
  ['15 a tag of an unknown kind', hex('d4 54 00 91 63')],
  ['15 a tag as another extension would be written', hex('c7 01 54 91')],
  ['15 a record of msgpackr', hex('d4 72 40 91 a1 61 01')],
  ['15 a record of msgpackr with an id of two bytes', hex('d5 72 40 00 91 a1 61 01')],
  ['15 a bundle of strings of msgpackr', hex('d6 62 00 00 00 00 a1 61 a1 62')],
  ['15 an id and a pointer of msgpackr', hex('92 d6 69 00 00 00 01 90 d6 70 00 00 00 01')],
  ['15 an Error of msgpackr', hex('d4 65 00 93 a1 61 a1 62 c0')],
  ['15 a Set of msgpackr', hex('d4 73 00 91 01')],
  ['15 a RegExp of msgpackr', hex('d4 78 00 92 a1 61 a1 67')],
  ['15 a repeat outside a graph', hex('d4 54 00 92 0d 00')],
  ['15 a repeat of nothing', hex('d4 54 00 92 0c d4 54 00 92 0d 09')],
  ['15 a graph within a graph', hex('d4 54 00 92 0c d4 54 00 92 0c c0')],
  ['15 a graph within a message', hex('91 d4 54 00 92 0c 90')],
  ['15 a RegExp that does not parse', hex('d4 54 00 94 05 a1 28 a1 67 00')],
  ['15 a RegExp without flags', hex('d4 54 00 92 05 a1 61')],
  ['15 a RegExp at no place', hex('d4 54 00 94 05 a1 61 a1 67 a1 67')],
  ['15 a URL that is none', hex('d4 54 00 92 06 a2 3a 3a')],
  ['15 a Date of a string', hex('d4 44 00 a1 61')],
  ['15 half a code unit', hex('d4 54 00 92 01 c4 01 00')],
  ['15 code units that are no bytes', hex('d4 54 00 92 01 92 61 00')],
  ['15 a bigint without bytes', hex('c7 00 42')],
  ['15 a typed array of an unknown kind', hex('c7 02 74 0c 00')],
  ['15 half a Float64Array', hex('c7 05 74 08 00 00 00 00')],
  ['15 a ref with a negative seat', hex('d4 54 00 94 0b ff 00 a2 2f 61')],
  ['15 a Map with a key and no value', hex('d4 54 00 92 03 01')],
  ['15 an object with a key and no value', hex('d4 54 00 92 07 a1 61')],
  ['15 an object with a key that is no text', hex('d4 54 00 93 08 90 01')],
  ['15 an instance of a class that is not registered', hex('d4 54 00 93 0a a2 78 79 c0')],
  ['15 an error that ends too early', hex('d4 54 00 96 09 a0 a0 a0 a0 c0')],
  ['15 an error with a field without a value', hex('d4 54 00 98 09 a0 a0 a0 a0 c0 00 a1 61')],
  ['15 an error without anything', hex('d4 54 00 91 09')],
  ['a tag with parts left over', hex('d4 54 00 93 06 a8 68 74 74 70 3a 2f 2f 61 01')],
  ['an extension that reaches beyond its end', hex('92 c7 05 74 01 61 62')],
  ['a key that the writer would have tagged', hex('81 a8 74 6f 53 74 72 69 6e 67 01')],
  ['a key that is not UTF-8', hex('81 a2 c3 28 01')],
]

/** URLs whose href is a URL, whose href is a URL, and so on. */
function nestedUrls(times: number): Uint8Array {
  return repeated('d4 54 00 92 06', times, 'a1 61')
}

/** As it is in a scratch buffer: what follows belongs to another message, and must not be read. */
function decodeAmongOthers(bytes: Uint8Array): unknown {
  const scratch = Buffer.alloc(bytes.length + 2_000, 1)
  scratch.set(bytes, 1_000)
  return codec.decode(scratch, 1_000, 1_000 + bytes.length)
}

test.each(UNREADABLE)('D5: unreadable, by name: %s', (_, bytes) => {
  for (const error of [thrownBy(() => decode(bytes)), thrownBy(() => decodeAmongOthers(bytes))]) {
    expect(error).toBeInstanceOf(UnreadableMessageError)
    expect(error).toMatchObject({ code: 'TROUPE_UNREADABLE_MESSAGE', message: expect.stringMatching(/^the message cannot be read: /) })
  }
  expect(roundTrip({ a: [1, 'x', new Map()] })).toStrictEqual({ a: [1, 'x', new Map()] })
})

test('D5: no prefix of a message is read as a message', () => {
  for (const message of SAMPLES.map(encode)) {
    for (let length = 0; length < message.length; length++) {
      expect(thrownBy(() => decodeAmongOthers(message.subarray(0, length)))).toBeInstanceOf(UnreadableMessageError)
    }
  }
})

test('D5: what is odd and has a meaning is read', () => {
  expect(decode(hex('c4 00'))).toStrictEqual(Buffer.alloc(0))
  expect(decode(hex('82 a1 61 01 a1 61 02'))).toStrictEqual({ a: 2 })
  expect(decode(hex('cf ff ff ff ff ff ff ff ff'))).toBe(2n ** 64n - 1n)
  expect(decode(hex('d3 80 00 00 00 00 00 00 00'))).toBe(-(2n ** 63n))
  expect(Object.is(decode(hex('ca 80 00 00 00')), -0)).toBe(true)
  expect(decode(hex('cb 7f f8 00 00 00 00 00 01'))).toBeNaN()
  expect([decode(hex('d0 80')), decode(hex('d1 80 00')), decode(hex('d2 80 00 00 00'))]).toEqual([-128, -32_768, -(2 ** 31)])
  expect(decode(hex('81 01 01'))).toStrictEqual({ 1: 1 })
  // The writer never writes `__proto__` as a plain key, and msgpackr renames the one of anybody else.
  const renamed = decode(hex('81 a9 5f 5f 70 72 6f 74 6f 5f 5f 81 a1 78 01')) as object
  expect(Object.getPrototypeOf(renamed)).toBe(Object.prototype)
  expect(Object.entries(renamed)).toEqual([['__proto_', { x: 1 }]])
  const tagged = decode(hex('d4 54 00 93 07 a9 5f 5f 70 72 6f 74 6f 5f 5f 81 a1 78 01')) as object
  expect(Object.getPrototypeOf(tagged)).toBe(Object.prototype)
  expect(Object.entries(tagged)).toEqual([['__proto__', { x: 1 }]])
  expect(({} as Record<string, unknown>)['x']).toBe(undefined)
})

test('D8: an error that cannot be read is an error that says so', () => {
  expect(codec.decodeError(hex('c1'), 0, 1)).toBeInstanceOf(UnreadableMessageError)
})

test('D5: a decode that finds the stack used up does not spoil the next one', () => {
  // Keys of many lengths: msgpackr keeps short keys that it has read, and may be stopped while it does.
  const messages = Array.from({ length: 600 }, (_, i) => encode({ [`${'k'.repeat(1 + (i % 28))}${i}`]: [i] }))
  let left = messages.length
  let failed = 0
  let isOver = false
  const dig = (): void => {
    try {
      dig()
    } finally {
      if (!isOver && left > 0) {
        if (thrownBy(() => decode(messages[left - 1]!)) === undefined) isOver = true
        else failed++
        left--
      }
    }
  }
  while (left > 0) {
    isOver = false
    expect(thrownBy(dig)).toBeInstanceOf(RangeError)
  }
  expect(failed).toBeGreaterThan(100)
  messages.forEach((message, i) => {
    expect(decode(message)).toStrictEqual([{ [`${'k'.repeat(1 + (i % 28))}${i}`]: [i] }])
  })
})

test('D5: a header cannot ask for memory that is not there', () => {
  const before = process.memoryUsage().arrayBuffers
  for (const head of ['c6 7f ff ff ff', 'c9 7f ff ff ff 74 01', 'c9 00 00 00 06 74 01', 'c5 ff ff', 'db 7f ff ff ff'])
    expect(thrownBy(() => decodeAmongOthers(hex(`${head} 00`)))).toBeInstanceOf(UnreadableMessageError)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
  // Each of these arrays says that all the rest is its own: together gigabytes.
  const nested = Buffer.alloc(1_000_000, 0xc0)
  for (let i = 0; i < 900; i++) {
    nested[i * 5] = 0xdd
    nested.writeUInt32BE(nested.length - i * 5 - 5, i * 5 + 1)
  }
  expect(thrownBy(() => decode(nested))).toBeInstanceOf(UnreadableMessageError)
})

test('D5: depth has a limit of its own, far below the end of the stack', () => {
  for (const bytes of [repeated('91', 1_000, 'c0'), repeated('81 a1 61', 1_000, 'c0'), nestedUrls(1_000)]) {
    expect(thrownBy(() => decode(bytes))).toMatchObject({ message: expect.stringMatching(/levels deep/) })
  }
})

test('D5: 20 000 damaged records: each is a value or an UnreadableMessageError, and nothing else is harmed', () => {
  const random = randomFrom(1)
  const pick = (n: number): number => Math.floor(random() * n)
  const records = SAMPLES.map(encode)
  const prototypes = JSON.stringify(
    [Object.prototype, Array.prototype, Map.prototype, Error.prototype].map((each) => Reflect.ownKeys(each).map(String)),
  )
  let unreadable = 0
  for (let i = 0; i < 20_000; i++) {
    const error = thrownBy(() => decodeAmongOthers(damaged(records[pick(records.length)]!, pick)))
    if (error === undefined) continue
    expect(error).toBeInstanceOf(UnreadableMessageError)
    unreadable++
  }
  expect(unreadable).toBeGreaterThan(5_000)
  expect(unreadable).toBeLessThan(20_000)
  expect(
    JSON.stringify([Object.prototype, Array.prototype, Map.prototype, Error.prototype].map((each) => Reflect.ownKeys(each).map(String))),
  ).toBe(prototypes)
  records.forEach((record, i) => {
    expect(copyOf(codec.encodeArgs([(decode(record) as unknown[])[0]], 'again'))).toEqual(copyOf(codec.encodeArgs([SAMPLES[i]], 'again')))
  })
}, 60_000)
