import { expect, test } from 'vitest'
import { type Casualties, isEnough, shuffled } from '../../packages/examples/flagship/chaos.ts'
import { parseCommandLine } from '../../packages/examples/flagship/command-line.ts'
import type { SearchHit } from '../../packages/examples/flagship/index-service.ts'
import { printable } from '../../packages/examples/flagship/progress-bar.ts'
import { comparisonLines, hitLines, skipLines } from '../../packages/examples/flagship/report.ts'

test('flagship: the command line', () => {
  expect(parseCommandLine([])).toEqual({ folder: undefined, once: undefined, chaos: false, port: undefined, help: false })
  expect(parseCommandLine(['docs', '--chaos', '--once', 'promise', '--port', '0'])).toEqual({
    folder: 'docs',
    once: 'promise',
    chaos: true,
    port: 0,
    help: false,
  })
})

test('flagship: a command line that cannot be meant has a clear line', () => {
  expect(() => parseCommandLine(['a', 'b'])).toThrow('one folder only')
  expect(() => parseCommandLine(['--once', ' '])).toThrow('--once needs a query')
  expect(() => parseCommandLine(['--port', '70000'])).toThrow('--port must be a number from 0 to 65535, and is 70000')
  expect(() => parseCommandLine(['--port', 'abc'])).toThrow('--port must be')
  expect(() => parseCommandLine(['--cahos'])).toThrow('--cahos')
})

test('flagship: a file name cannot command the terminal', () => {
  const [line] = skipLines([{ why: 'binary', count: 2, examples: [{ path: '\x1b[2Jx\n\u202egnp', why: 'binary', detail: 'd' }] }]).slice(1)
  expect(line).toBe('  ·[2Jx··gnp (d)')
  expect(printable('plain ünïcode 你好')).toBe('plain ünïcode 你好')
})

const hit: SearchHit = {
  id: '0',
  path: 'a/b.md',
  title: 'b',
  snippet: 's',
  bytes: 1,
  score: 1.234,
  excerpt: { line: 7, text: 'a promise\x07', marks: [[2, 9]] },
}

test('flagship: hits in lines, with the words in bold on a terminal only', () => {
  const result = { query: 'promise', terms: ['promise'], hits: [hit], missing: [], tookMs: 3 }
  expect(hitLines(result, false)).toEqual(['', 'the best 1 for "promise" (3 ms):', '  1. a/b.md:7  (1.23)', '     a promise·'])
  expect(hitLines(result, true).at(-1)).toBe('     a \x1b[1mpromise\x1b[22m·')
  expect(hitLines({ ...result, hits: [] }, false)).toEqual(['', 'nothing found for "promise"'])
  expect(hitLines({ ...result, missing: [{ path: '/index/shard-1', code: 'X', reason: 'late' }] }, false)[2]).toBe(
    '  without /index/shard-1: late',
  )
})

test('flagship: the comparison says equal only for the same documents and checksum', () => {
  const summary = { documents: 2, bytes: 3, postings: 4, checksum: '00000000000000ff' }
  expect(comparisonLines(summary, summary).at(-1)).toBe('equal')
  expect(comparisonLines(summary, { ...summary, checksum: '00000000000000fe' }).at(-1)).toMatch(/^NOT EQUAL/)
  expect(comparisonLines(summary, { ...summary, documents: 3 }).at(-1)).toMatch(/^NOT EQUAL/)
})

test('flagship: chaos ends only when the quotas are met', () => {
  const after = (kills: number, byKind: Casualties['byKind']) => ({ kills, byKind })
  expect(isEnough(after(19, { shard: 9, coordinator: 3 }), true)).toBe(false)
  expect(isEnough(after(20, { shard: 4, coordinator: 3 }), true)).toBe(false)
  expect(isEnough(after(60, { shard: 9, coordinator: 1 }), true)).toBe(false)
  expect(isEnough(after(20, { shard: 5, coordinator: 2 }), true)).toBe(true)
  expect(isEnough(after(20, { shard: 5, coordinator: 2 }), false)).toBe(false)
  expect(isEnough(after(27, { shard: 5, coordinator: 2 }), false)).toBe(true)
})

test('flagship: a round of chaos has everybody once', () => {
  const items = ['a', 'b', 'c', 'd', 'e']
  expect(shuffled(items).sort()).toEqual(items)
  expect(shuffled(items, () => 0)).not.toEqual(items)
})
