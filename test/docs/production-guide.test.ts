import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { project } from '../bundler/project.ts'
import { node, TROUPE } from '../production/service.ts'
import { codeBlocks } from './markdown.ts'
import { root } from './programs.ts'

const blocks = codeBlocks(readFileSync(join(root, 'docs/guide/production.md'), 'utf8'))
const NAME = /^\/\/ (\S+)\n/
const files = Object.fromEntries(blocks.flatMap(({ text }) => (NAME.test(text) ? [[NAME.exec(text)![1]!, text]] : [])))

test('guide/production: its service is built and runs as it says, and its commands are there', async () => {
  const made = project(files)
  for (const [name, to] of [
    ['esbuild', 'node_modules/esbuild'],
    ['@troupe/runtime', 'packages/runtime'],
  ] as const) {
    mkdirSync(dirname(made.path(`node_modules/${name}`)), { recursive: true })
    symlinkSync(join(root, to), made.path(`node_modules/${name}`))
  }
  expect(await node(made.folder, 'build.mjs')).toEqual({ code: 0, stdout: '', stderr: '' })
  const shown = blocks.find(({ language }) => language === 'text')!.text
  expect(await node(made.folder, 'dist/server.mjs')).toEqual({ code: 0, stdout: shown, stderr: '' })
  expect(await node(made.folder, TROUPE, 'build', 'counter.ts', '--out', 'dist/built')).toMatchObject({ code: 0 })
})
