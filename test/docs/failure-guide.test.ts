import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { codeBlocks } from './markdown.ts'
import { root, runProgram } from './programs.ts'

const blocks = codeBlocks(readFileSync(join(root, 'docs/guide/failure.md'), 'utf8'))
mkdirSync(join(root, '.reports'), { recursive: true })
const folder = mkdtempSync(join(root, '.reports/failure-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const files = ['flaky.ts', 'main.ts', undefined, 'letters.ts', undefined]
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
for (const [i, file] of files.entries()) if (file !== undefined) writeFileSync(join(folder, file), blocks[i]!.text)

test.each([
  ['main.ts', 2],
  ['letters.ts', 4],
] as const)('guide/failure: %s prints what is shown below it, and ends by itself', async (file, shown) => {
  expect(blocks).toHaveLength(files.length)
  expect(await runProgram(join(folder, file))).toEqual({ code: 0, stdout: blocks[shown]!.text, stderr: '' })
})
