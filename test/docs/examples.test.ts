import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, runProgram } from './programs.ts'

const LINES_MAX = 60
const folder = join(root, 'packages/examples')
const examples = readdirSync(folder).filter((name) => /^\d\d-.+\.ts$/.test(name))

test('examples: they are numbered without a gap, short, and each has its expected output', () => {
  expect(examples.map((name) => Number(name.slice(0, 2)))).toEqual(examples.map((_, i) => i + 1))
  expect(examples.filter((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').length > LINES_MAX)).toEqual([])
  const expected = readdirSync(folder).filter((name) => name.endsWith('.expected.txt'))
  expect(expected).toEqual(examples.map(expectedOf))
})

test.each(examples)('examples: %s ends by itself with the output that is written beside it', async (name) => {
  const stdout = readFileSync(join(folder, expectedOf(name)), 'utf8')
  expect(await runProgram(join(folder, name))).toEqual({ code: 0, stdout, stderr: '' })
})

function expectedOf(name: string): string {
  return name.replace(/\.ts$/, '.expected.txt')
}
