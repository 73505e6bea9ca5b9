import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { scriptUrl } from '../../packages/runtime/src/base/script-url.ts'
import { ThreadModules } from '../../packages/runtime/src/node/thread-modules.ts'
import { project } from './project.ts'

const DEFERRED = 'module.exports = (module, exports, runtime) => { exports.runs = ++runtime.runs; return module.exports }'

function scene() {
  const made = project({ 'a-1.deferred.cjs': DEFERRED, 'plain.mjs': 'export const plain = 1' })
  const runtime = { runs: 0 }
  const modules = (require?: NodeJS.Require): ThreadModules =>
    new ThreadModules({ import: (url) => import(/* @vite-ignore */ url), runtime: () => runtime, ...(require && { require }) })
  return { made, runtime, url: (name: string) => pathToFileURL(made.path(name)).href, modules }
}

test('thread modules: what was prepared is not looked for again, and has not run', async () => {
  const { made, runtime, url, modules } = scene()
  const isolate = modules(createRequire(import.meta.url))
  isolate.prepare(url('a-1.deferred.cjs'), false)
  expect(runtime.runs).toBe(0)
  rmSync(made.path('a-1.deferred.cjs'))
  expect(await isolate.load(url('a-1.deferred.cjs'))).toEqual({ runs: 1 })
})

test('thread modules: what cannot be prepared is an error only for who loads it, and what is large is prepared only where it is next', async () => {
  const { made, url, modules } = scene()
  const isolate = modules(createRequire(import.meta.url))
  isolate.prepare(url('gone.deferred.cjs'), true)
  await expect(isolate.load(url('gone.deferred.cjs'))).rejects.toThrow(/Cannot find module/)
  const large = ['large.deferred.cjs', 'large-too.deferred.cjs'] as const
  for (const name of large) made.write({ [name]: `${DEFERRED} //${' '.repeat(1024 * 1024)}` })
  isolate.prepare(url(large[0]), false)
  isolate.prepare(url(large[1]), true)
  for (const name of large) rmSync(made.path(name))
  await expect(isolate.load(url(large[0]))).rejects.toThrow(/Cannot find module/)
  expect(await isolate.load(url(large[1]))).toHaveProperty('runs')
})

test('thread modules: the same without require, as in the thread of a host; from memory; and an ES module', async () => {
  const { url, modules } = scene()
  for (const each of [modules(), modules(createRequire(import.meta.url))]) {
    expect(await each.load(url('a-1.deferred.cjs'))).toHaveProperty('runs')
    expect(await each.load(`${url('a-1.deferred.cjs')}?12.5`)).toHaveProperty('runs')
    expect(await each.load(scriptUrl('/nowhere/b.cjs', DEFERRED))).toHaveProperty('runs')
    expect(await each.load(url('plain.mjs'))).toHaveProperty('plain')
  }
})
