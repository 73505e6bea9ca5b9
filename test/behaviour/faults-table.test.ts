import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const INPUTS = '1-31'
const WANTED = '1-38 49-55 57 59-60'

const folder = new URL('./', import.meta.url)

function rowsOf(file: string): string[][] {
  return readFileSync(new URL(file, folder), 'utf8')
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
}

const tests = readdirSync(new URL('../', folder), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => readFileSync(new URL(`../${file}`, folder), 'utf8'))
  .join('\n')

test.for([
  ['faults.md', WANTED],
  ['bad-inputs.md', INPUTS],
] as const)('%s: none is missing from the table', ([file, all]) => {
  const wanted = all.split(' ').flatMap((range) => {
    const [from, to] = range.split('-').map(Number) as [number, number?]
    return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i)
  })
  const rows = rowsOf(file)
  expect(rows.map(([fault]) => Number.parseInt(fault!, 10))).toEqual(wanted)
  expect(rows.filter((cells) => cells.length !== 3)).toEqual([])
})

test.for(['faults.md', 'bad-inputs.md'])('%s: each names at least one test, and all tests that it names exist', (file) => {
  const named = rowsOf(file).map(([row, , where]) => ({
    row,
    tests: [...where!.matchAll(/`((?:[^`\\]|\\`)+)`/g)].map((match) => match[1]!.replaceAll('\\`', '`')),
  }))
  expect(named.filter(({ tests: names }) => names.length === 0)).toEqual([])
  const unknown = named.flatMap(({ row, tests: names }) =>
    names.filter((name) => name !== 'npm run soak' && !tests.includes(name)).map((name) => `${row}: ${name}`),
  )
  expect(unknown).toEqual([])
})
