import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addChecksums, Checksum, hashText } from '../../packages/examples/flagship/checksum.ts'
import { fileId } from '../../packages/examples/flagship/scan.ts'
import { bestHits, type Document, ShardIndex } from '../../packages/examples/flagship/shard-index.ts'
import { tokenize } from '../../packages/examples/flagship/tokenize.ts'

function documentOf(path: string, text: string): Document {
  return { id: fileId(path), path, bytes: text.length, ...tokenize(path, text) }
}

function indexOf(documents: readonly Document[]): ShardIndex {
  const index = new ShardIndex()
  for (const document of documents) index.add(document)
  return index
}

const WORDS = ['promise', 'chain', 'await', 'actor', 'mailbox', 'queue', 'isolate', 'restart']
const someDocuments = fc
  .uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.array(fc.constantFrom(...WORDS), { maxLength: 20, size: 'max' })), {
    selector: ([path]) => path,
    maxLength: 12,
    size: 'max',
  })
  .map((pairs) => pairs.map(([path, words]) => documentOf(path, words.join(' '))))

test('flagship: the checksum does not depend on the order of the documents', () => {
  fc.assert(
    fc.property(
      someDocuments.chain((documents) => fc.tuple(fc.constant(documents), fc.shuffledSubarray(documents, { minLength: documents.length }))),
      ([documents, shuffled]) => indexOf(documents).checksum() === indexOf(shuffled).checksum(),
    ),
  )
})

test('flagship: a document fed twice counts once', () => {
  fc.assert(
    fc.property(someDocuments, fc.infiniteStream(fc.boolean()), (documents, again) => {
      const once = indexOf(documents)
      const twice = indexOf(documents.flatMap((document) => (again.next().value ? [document, document] : [document])))
      for (const document of documents) expect(twice.add(document)).toBe(false)
      expect(twice.checksum()).toBe(once.checksum())
      expect(twice.stats()).toEqual(once.stats())
      expect(twice.search(WORDS, 5)).toEqual(once.search(WORDS, 5))
    }),
  )
})

test('flagship: the checksum of the whole does not depend on how documents are spread over shards', () => {
  fc.assert(
    fc.property(someDocuments, fc.nat(), (documents, seed) => {
      const shards = [new ShardIndex(), new ShardIndex(), new ShardIndex()]
      for (const [i, document] of documents.entries()) shards[(i * 7 + seed) % 3]?.add(document)
      return addChecksums(shards.map((shard) => shard.checksum())) === indexOf(documents).checksum()
    }),
  )
})

test('flagship: the checksum sees a missing document, a missing term, another count and another name', () => {
  const documents = [documentOf('a', 'promise chain promise'), documentOf('b', 'await actor'), documentOf('empty', '')]
  const checksum = indexOf(documents).checksum()
  const others = [
    documents.slice(1),
    documents.slice(0, 2),
    [documentOf('a', 'promise promise'), ...documents.slice(1)],
    [documentOf('a', 'promise chain chain'), ...documents.slice(1)],
    [documentOf('c', 'promise chain promise'), ...documents.slice(1)],
    [documentOf('a', 'await actor'), documentOf('b', 'promise chain promise'), ...documents.slice(2)],
  ].map((changed) => indexOf(changed).checksum())
  expect(new Set([checksum, ...others]).size).toBe(others.length + 1)
  expect(checksum).toMatch(/^[0-9a-f]{16}$/)
})

test('flagship: a checksum is a 64-bit sum with its carry', () => {
  const sums: string[] = []
  for (let i = 0; i < 200; i++) {
    const sum = new Checksum()
    sum.add(hashText(`term${i}`), hashText(`document${i}`), i)
    sums.push(sum.toString())
  }
  const all = new Checksum()
  for (let i = 0; i < 200; i++) all.add(hashText(`term${i}`), hashText(`document${i}`), i)
  expect(all.toString()).toBe(addChecksums(sums))
  expect(new Set(sums).size).toBe(200)
  expect(addChecksums(['ffffffffffffffff', '0000000000000002'])).toBe('0000000000000001')
  expect(addChecksums([])).toBe('0000000000000000')
})

test('flagship: no two of many short texts have the same hash', () => {
  const hashes = new Set<string>()
  for (let i = 0; i < 50_000; i++) {
    const { high, low } = hashText(i.toString(36))
    hashes.add(`${high}-${low}`)
  }
  expect(hashes.size).toBe(50_000)
})

test('flagship: a rare word weighs more than a common one, a short text more than a long one', () => {
  const filler = 'lorem ipsum dolor sit amet '.repeat(40)
  const index = indexOf([
    documentOf('common.txt', 'queue queue'),
    documentOf('rare.txt', 'queue mailbox'),
    documentOf('long.txt', `mailbox ${filler}`),
    documentOf('other.txt', 'queue'),
  ])
  expect(index.search(['queue', 'mailbox'], 10)[0]?.path).toBe('rare.txt')
  expect(index.search(['mailbox'], 10).map(({ path }) => path)).toEqual(['rare.txt', 'long.txt'])
  expect(index.search(['absent'], 10)).toEqual([])
  expect(index.search([], 10)).toEqual([])
  expect(new ShardIndex().search(['queue'], 10)).toEqual([])
})

test('flagship: names from prototypes can be searched for', () => {
  const index = indexOf([documentOf('a.js', 'constructor toString')])
  expect(index.search(['constructor'], 10)).toHaveLength(1)
  expect(index.search(['__proto__', 'valueof'], 10)).toEqual([])
})

test('flagship: hits of several shards become one list: best first, equals by path, none twice', () => {
  const hit = (path: string, score: number) => ({ id: fileId(path), path, title: path, snippet: '', bytes: 1, score })
  const lists = [[hit('b', 2), hit('a', 1)], [hit('c', 3)], [], [hit('a', 1), hit('0', 2)]]
  expect(bestHits(lists, 10).map(({ path }) => path)).toEqual(['c', '0', 'b', 'a'])
  expect(bestHits(lists, 2).map(({ path }) => path)).toEqual(['c', '0'])
  expect(bestHits([], 10)).toEqual([])
})
