import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { codeBlocks } from '../docs/markdown.ts'
import { root, runProgram } from '../docs/programs.ts'

test('guide/queue: its program prints what is shown below it, and ends by itself', async () => {
  const blocks = codeBlocks(readFileSync(join(root, 'docs/guide/queue.md'), 'utf8'))
  mkdirSync(join(root, '.reports'), { recursive: true })
  const folder = mkdtempSync(join(root, '.reports/guide-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(folder, 'main.ts'), blocks[0]!.text)
  expect(await runProgram(join(folder, 'main.ts'))).toEqual({ code: 0, stdout: blocks[1]!.text, stderr: '' })
})
