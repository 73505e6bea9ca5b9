import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { codeBlocks } from './markdown.ts'
import { root, runNode, runProgram } from './programs.ts'

// Each block of TypeScript names its file in its first line; the block of text behind it is what that program prints.

const NAME = /^\/\/ (\S+\.ts)\n/
const blocks = codeBlocks(readFileSync(join(root, 'docs/guide/supervision.md'), 'utf8'))
const programs = blocks.filter(({ language }) => language === 'ts').map((block) => ({ ...block, name: NAME.exec(block.text)?.[1] }))
const shown = blocks.flatMap(({ language, text }, i) => (language === 'text' ? [[NAME.exec(blocks[i - 1]!.text)![1]!, text] as const] : []))

mkdirSync(join(root, '.reports'), { recursive: true })
const folder = mkdtempSync(join(root, '.reports/guide-'))
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
writeFileSync(join(folder, 'tsconfig.json'), '{ "extends": "../../tsconfig.base.json", "include": ["."] }\n')
for (const { name, text } of programs) writeFileSync(join(folder, name!), text)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('guide/supervision: every block of TypeScript is a file, and all but the actor are run', () => {
  expect(programs.map(({ name }) => name)).toEqual(['worker.ts', ...shown.map(([name]) => name)])
})

test.for(shown)('guide/supervision: %s prints what is shown below it, and ends by itself', async ([name, stdout]) => {
  expect(await runProgram(join(folder, name))).toEqual({ code: 0, stdout, stderr: '' })
})

test('guide/supervision: its programs have no type errors', async () => {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
  const tsc = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc)
  expect(await runNode([tsc, '-p', folder, '--pretty', 'false'])).toEqual({ code: 0, stdout: '', stderr: '' })
})
