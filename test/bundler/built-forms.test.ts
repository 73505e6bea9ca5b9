import { readdirSync, utimesSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { expect, test } from 'vitest'
import { ActorBuilder, writeBundles } from '../../packages/runtime/src/bundler/actor-builder.ts'
import { ModuleLoader } from '../../packages/runtime/src/bundler/module-loader.ts'
import { project } from './project.ts'

const ACTOR = "import { Actor } from '@troupe/runtime'\nexport class A extends Actor { a() { return 1 } }"

test('production: an actor is built as an ES module, and as a function where it can be one, and no old one is left', async () => {
  const made = project({ 'a.ts': ACTOR })
  const folder = made.path('out')
  const build = async (): Promise<string[]> => {
    const builder = new ActorBuilder(esbuild, { root: made.folder, folder })
    builder.add(made.path('a.ts'))
    writeBundles(folder, await builder.finish())
    return readdirSync(folder).sort()
  }
  expect(await build()).toEqual(['a.deferred.cjs', 'a.mjs'])
  made.write({ 'a.ts': `${ACTOR}\nawait 1` })
  expect(await build()).toEqual(['a.mjs'])
})

test('production: an isolate takes the function beside the module, and another one when its content has changed', async () => {
  const made = project({ 'a.mjs': 'export const a = 1', 'b.mjs': 'export const b = 1' })
  const loader = new ModuleLoader('file:///isolate-api.js')
  const url = (name: string): string => pathToFileURL(made.path(name)).href
  expect(await loader.prepare(url('a.mjs'))).toBe(url('a.mjs'))
  made.write({ 'a.deferred.cjs': '' })
  const first = await loader.prepare(url('a.mjs'))
  expect(first.split('?')[0]).toBe(url('a.deferred.cjs'))
  utimesSync(made.path('a.deferred.cjs'), 1, 1)
  expect(await loader.prepare(url('a.mjs'))).not.toBe(first)
  expect(await loader.prepare(url('b.mjs'))).toBe(url('b.mjs'))
  await loader.end()
})
