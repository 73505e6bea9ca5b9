import { expect, test } from 'vitest'
import { excerptOf } from '../../packages/examples/flagship/excerpt.ts'
import { cut, queryTerms, TERMS_MAX, tokenize } from '../../packages/examples/flagship/tokenize.ts'

function countsOf(text: string): Record<string, number> {
  const { terms, counts } = tokenize('f.txt', text)
  return Object.fromEntries(terms.map((term, i) => [term, counts[i] ?? 0]))
}

test('flagship: an identifier counts as itself and as its words', () => {
  expect(countsOf('parseHTTPResponse')).toEqual({ parsehttpresponse: 1, parse: 1, http: 1, response: 1 })
  expect(countsOf('MAX_OLD_SPACE')).toEqual({ maxoldspace: 1, max: 1, old: 1, space: 1 })
  expect(countsOf('Promise.all promise')).toEqual({ promise: 2, all: 1 })
  expect(countsOf('utf8 x64Arch')).toEqual({ utf8: 1, x64: 1, arch: 1, x64arch: 1 })
})

test('flagship: stop words, single letters and endless words are no terms', () => {
  expect(countsOf(`the a of it i x ${'y'.repeat(41)} fine`)).toEqual({ fine: 1 })
})

test('flagship: text of other scripts is cut too', () => {
  expect(countsOf('Größe naïve 你好 привет')).toEqual({ größe: 1, naïve: 1, 你好: 1, привет: 1 })
})

test('flagship: terms are sorted, and at most the most frequent so many are kept', () => {
  const many = Array.from({ length: TERMS_MAX + 500 }, (_, i) => `word${String(i).padStart(5, '0')}`)
  const { terms, counts, length } = tokenize('f.txt', [...many, ...many.slice(-10), ''].join(' '))
  expect(terms).toHaveLength(TERMS_MAX)
  expect(terms).toEqual([...terms].sort())
  expect(counts.filter((count) => count === 2)).toHaveLength(10)
  expect(length).toBe(TERMS_MAX + 510)
})

test('flagship: names from prototypes are terms like any other', () => {
  expect(countsOf('constructor __proto__ hasOwnProperty')).toMatchObject({ constructor: 1, proto: 1, own: 1, property: 1 })
})

test('flagship: a query is cut as documents are', () => {
  expect(queryTerms('the parsePromise')).toEqual(['parse', 'promise', 'parsepromise'])
  expect(queryTerms('promise Promise')).toEqual(['promise'])
  expect(queryTerms('  ?! ')).toEqual([])
})

test('flagship: the title is the heading of a document, and the name of any other file', () => {
  expect(tokenize('a/README.md', '<!-- hidden -->\n\n# **Fastify** guide\ntext').title).toBe('Fastify** guide')
  expect(tokenize('a/index.js', '// hello').title).toBe('index.js')
  expect(tokenize('a/README.md', '').title).toBe('README.md')
})

test('flagship: a snippet is cut, never in the middle of a character', () => {
  expect(tokenize('a.js', `/* ${'word '.repeat(100)}`).snippet).toHaveLength(200)
  expect(cut('ab😀cd', 4)).toBe('ab…')
  expect(cut('ab😀cd', 5)).toBe('ab😀…')
})

test('flagship: one line of megabytes and nested signs end', () => {
  // What backtracks here would take minutes, and the test would be ended as hanging.
  expect(tokenize('a.js', '<'.repeat(200_000)).length).toBe(0)
  expect(tokenize('a.js', '[![a](b)'.repeat(50_000)).length).toBe(0)
  expect(tokenize('a.js', 'aB'.repeat(500_000)).terms).toEqual(['ba'])
  expect(excerptOf('promise '.repeat(200_000), ['promise'])?.line).toBe(1)
})

test('flagship: an excerpt is the first line with most of the words, with marks', () => {
  const text = 'one promise\nno hit\n  a promise chain\npromise chain again'
  const excerpt = excerptOf(text, ['promise', 'chain'])
  expect(excerpt).toEqual({
    line: 3,
    text: 'a promise chain',
    marks: [
      [2, 9],
      [10, 15],
    ],
  })
  expect(excerptOf(text, ['promise', 'chain', 'absent'])?.line).toBe(3)
  expect(excerptOf(text, ['absent'])).toBeUndefined()
})

test('flagship: an excerpt of a long line is the part around the first word', () => {
  const excerpt = excerptOf(`${'x '.repeat(500)}thePromise ${'y '.repeat(500)}`, ['promise'])
  expect(excerpt?.text.length).toBeLessThanOrEqual(222)
  const [start, end] = excerpt?.marks[0] ?? [0, 0]
  expect(excerpt?.text.slice(start, end)).toBe('thePromise')
})
