import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { codeBlocks } from './markdown.ts'
import { root, runProgram } from './programs.ts'

// Guides with one program: each block that names a file is one, and main.ts prints the block of text behind it.

test.for(['parallel', 'resources', 'shared-state', 'flow', 'testing', 'observing', 'relations'])(
  'guide/%s: its program prints what is shown below it, and ends by itself',
  async (guide) => {
    const blocks = codeBlocks(readFileSync(join(root, `docs/guide/${guide}.md`), 'utf8'))
    mkdirSync(join(root, '.reports'), { recursive: true })
    const folder = mkdtempSync(join(root, '.reports/guide-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
    for (const { text } of blocks) {
      const file = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1]
      if (file !== undefined) writeFileSync(join(folder, file), text)
    }
    const output = blocks.find(({ language }) => language === 'text')!.text
    expect(await runProgram(join(folder, 'main.ts'))).toEqual({ code: 0, stdout: output, stderr: '' })
  },
)
