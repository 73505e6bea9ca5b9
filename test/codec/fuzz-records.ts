import { UnreadableMessageError } from '../../packages/runtime/src/base/errors.ts'
import { codec, encode } from './harness.ts'

/** What is damaged: plain data, everything with a tag, binaries, errors, a graph. */
export const SAMPLES: readonly unknown[] = [
  { id: 12_345, name: 'customer-17', amount: 99.5, active: true, at: 1.7e12 },
  [1, -1, 300, -300, 70_000, -70_000, 1.5, 'text', 'x'.repeat(100), null, undefined, 5n, 2n ** 200n],
  {
    map: new Map<unknown, unknown>([
      ['a', [1]],
      [Number.NaN, new Set([1, 'b'])],
    ]),
    date: new Date(5),
    pattern: /a+/gi,
    url: new URL('http://a/b'),
  },
  { bytes: Buffer.from('hello'), floats: new Float64Array([1, 2]), view: new DataView(new ArrayBuffer(3)), buffer: new ArrayBuffer(5) },
  Object.assign(new TypeError('wrong', { cause: new AggregateError([new Error('a')], 'many') }), { code: 'E', field: [1] }),
  new DOMException('gone', 'AbortError'),
  graph(),
]

function graph(): unknown {
  const shared = { n: 1 }
  const all = { shared, again: shared, list: [shared], self: {} as unknown, lone: 'a\uD800', empty: Object.create(null) }
  all.self = all
  return all
}

export interface FuzzSummary {
  readonly records: number
  readonly unreadable: number
  readonly heapGrowthBytes: number
}

const PROTOTYPES = [
  Object,
  Array,
  Map,
  Set,
  Date,
  RegExp,
  URL,
  Error,
  TypeError,
  AggregateError,
  Function,
  Promise,
  Uint8Array,
  Buffer,
].map((each) => each.prototype as object)

/**
 * Decodes records that were damaged at random. Each must be a value or an UnreadableMessageError; no prototype may change, and
 * nothing may be kept. `pick(n)`: a number below n.
 */
export function fuzzRecords(records: number, pick: (n: number) => number, onProgress: (done: number) => void = () => {}): FuzzSummary {
  const corpus = SAMPLES.map(encode)
  const before = JSON.stringify(PROTOTYPES.map(membersOf))
  let unreadable = 0
  let heapBytes = 0
  for (let i = 0; i < records; i++) {
    // After a tenth everything is compiled, and what is kept once is kept.
    if (i === Math.floor(records / 10)) heapBytes = heapBytesNow()
    if (i % 50_000 === 0) onProgress(i)
    const bytes = damaged(corpus[pick(corpus.length)]!, pick)
    try {
      codec.decode(bytes, 0, bytes.length)
    } catch (error) {
      if (!(error instanceof UnreadableMessageError))
        throw new Error(`record ${i}, ${Buffer.from(bytes).toString('hex')}`, { cause: error })
      unreadable++
    }
  }
  if (JSON.stringify(PROTOTYPES.map(membersOf)) !== before) throw new Error('a prototype has changed')
  return { records, unreadable, heapGrowthBytes: heapBytesNow() - heapBytes }
}

function membersOf(prototype: object): unknown {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(([name, { value }]) => [
    name,
    typeof value,
    String(value?.name ?? ''),
  ])
}

function heapBytesNow(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** One to three times: a byte is replaced, a bit flipped, the end cut off, a byte put in, a piece copied. */
export function damaged(record: Uint8Array, pick: (n: number) => number): Uint8Array {
  let bytes = Uint8Array.from(record)
  for (let times = 1 + pick(3); times > 0; times--) {
    const at = pick(bytes.length)
    const kind = pick(5)
    if (kind === 0) bytes[at] = pick(256)
    else if (kind === 1) bytes[at]! ^= 1 << pick(8)
    else if (kind === 2) bytes = bytes.slice(0, at + 1)
    else if (kind === 3) bytes = Uint8Array.from([...bytes.subarray(0, at), pick(256), ...bytes.subarray(at)])
    else bytes.copyWithin(pick(bytes.length), at, at + pick(20))
  }
  return bytes
}
