import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type CodeBlock, codeBlocks } from './markdown.ts'
import { root, runNode, runProgram } from './programs.ts'

// The programs of the README run as they are printed: each block names its file in its first line, and the next block of
// text is what main.ts prints.

const NAME = /^\/\/ (\S+\.ts)\n/
const blocks = codeBlocks(readFileSync(join(root, 'README.md'), 'utf8'))
// Inside of the workspace, so that imports are resolved as in any file of it.
mkdirSync(join(root, '.reports'), { recursive: true })
const folder = mkdtempSync(join(root, '.reports/readme-'))
const shown = writePrograms()

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function writePrograms(): string[] {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(folder, 'tsconfig.json'), '{ "extends": "../../tsconfig.base.json", "include": ["."] }\n')
  for (const { text } of blocks.filter(isProgram)) writeFileSync(join(folder, NAME.exec(text)![1]!), text)
  return blocks.filter(({ language }) => language === 'text').map(({ text }) => text)
}

function isProgram({ language, text }: CodeBlock): boolean {
  return language === 'ts' && NAME.test(text)
}

test('README: every block of TypeScript is a file, and so is run', () => {
  expect(blocks.filter(({ language }) => language === 'ts').filter((block) => !isProgram(block))).toEqual([])
  expect(blocks.filter(isProgram).map(({ text }) => NAME.exec(text)![1])).toEqual(['counter.ts', 'main.ts'])
  expect(shown.length).toBe(1)
})

test('README: its program prints what is shown below it, and ends by itself', async () => {
  expect(await runProgram(join(folder, 'main.ts'))).toEqual({ code: 0, stdout: shown[0], stderr: '' })
})

test('README: its program has no type errors', async () => {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
  const tsc = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc)
  expect(await runNode([tsc, '-p', folder, '--pretty', 'false'])).toEqual({ code: 0, stdout: '', stderr: '' })
})
