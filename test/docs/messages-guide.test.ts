import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { codeBlocks } from './markdown.ts'
import { root, runNode, runProgram } from './programs.ts'

test('guide/messages: its program prints what is shown below it, ends by itself, and has no type errors', async () => {
  const blocks = codeBlocks(readFileSync(join(root, 'docs/guide/messages.md'), 'utf8'))
  mkdirSync(join(root, '.reports'), { recursive: true })
  const folder = mkdtempSync(join(root, '.reports/guide-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(folder, 'tsconfig.json'), '{ "extends": "../../tsconfig.base.json", "include": ["."] }\n')
  for (const { text } of blocks) {
    const file = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1]
    if (file !== undefined) writeFileSync(join(folder, file), text)
  }
  // The first program of the page; parts of the page that are programs of their own have tests of their own.
  const output = blocks.find(({ language }) => language === 'text')!.text
  expect(await runProgram(join(folder, 'main.ts'))).toEqual({ code: 0, stdout: output, stderr: '' })
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
  const tsc = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc)
  expect(await runNode([tsc, '-p', folder, '--pretty', 'false'])).toEqual({ code: 0, stdout: '', stderr: '' })
})
