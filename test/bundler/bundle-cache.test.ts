import { chmodSync, existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { scriptIn } from '../../packages/runtime/src/base/script-url.ts'
import type { Bundle } from '../../packages/runtime/src/bundler/bundle.ts'
import { BundleCache, cacheFolders } from '../../packages/runtime/src/bundler/bundle-cache.ts'
import { packaged, project } from './project.ts'

function scene() {
  const made = project({
    'a.ts': "import 'b'",
    'tsconfig.json': '{}',
    ...packaged('b', {}, { 'index.js': '1', 'unused.js': '2' }),
  })
  const file = made.path('a.ts')
  const inputs = ['a.ts', 'node_modules/b/index.js', 'node_modules/b/unused.js'].map(made.path)
  const bundle: Bundle = {
    name: 'a-0123.mjs',
    format: 'esm',
    code: 'export const a = 1\n',
    inputs,
    parts: inputs.slice(0, 2).map((path) => ({ file: path, bytes: 1 })),
    imports: [],
    outside: new Map(),
  }
  const folders = cacheFolders(made.folder, undefined)
  return { made, file, bundle, folder: folders[0]!, cache: new BundleCache(folders, ['settings']) }
}

test('bundle cache: it is found as long as its files are what they were', () => {
  const { made, file, bundle, folder, cache } = scene()
  expect(cache.find(file)).toBe(undefined)
  const url = cache.keep(file, bundle)
  expect(fileURLToPath(url)).toBe(made.path('node_modules/.cache/troupe/a-0123.mjs'))
  expect(cache.find(file)).toBe(url)
  expect(new BundleCache([folder], ['other settings']).find(file)).toBe(undefined)
  // The same content written again changes nothing.
  writeFileSync(file, "import 'b'")
  utimesSync(file, 1, 1)
  expect(cache.find(file)).toBe(url)
})

test.for([
  ['a module', 'a.ts', "import 'c'"],
  ['a part of a package', 'node_modules/b/index.js', '12'],
  ["a package's version", 'node_modules/b/package.json', '{}'],
  ['a setting', 'tsconfig.json', '{ }'],
])('bundle cache: not when %s has changed', ([, changed, text]) => {
  const { made, file, bundle, cache } = scene()
  cache.keep(file, bundle)
  made.write({ [changed!]: text! })
  expect(cache.find(file)).toBe(undefined)
})

test('bundle cache: not when a setting has come that was not there', () => {
  const { made, file, bundle, cache } = scene()
  rmSync(made.path('tsconfig.json'))
  const url = cache.keep(file, bundle)
  expect(cache.find(file)).toBe(url)
  made.write({ 'tsconfig.json': '{}' })
  expect(cache.find(file)).toBe(undefined)
})

test('bundle cache: what would not matter does not: a part of which nothing was left', () => {
  const { made, file, bundle, cache } = scene()
  const url = cache.keep(file, bundle)
  made.write({ 'node_modules/b/unused.js': '333' })
  expect(cache.find(file)).toBe(url)
})

test('bundle cache: writes are whole, once, and mend what was damaged', () => {
  const { file, bundle, folder, cache } = scene()
  const path = fileURLToPath(cache.keep(file, bundle))
  const { ino } = statSync(path)
  cache.keep(file, bundle)
  expect(statSync(path).ino).toBe(ino)
  writeFileSync(path, 'export co')
  cache.keep(file, bundle)
  expect(statSync(path).size).toBe(bundle.code.length)
  expect(readdirSync(folder).filter((name) => !/\.(mjs|json)$/.test(name))).toEqual([])
})

test('bundle cache: in memory where no folder can be written', async () => {
  const { made, file, bundle } = scene()
  made.write({ occupied: '' })
  const url = new BundleCache([made.path('occupied/cache')], []).keep(file, bundle)
  expect(url).toMatch(/^data:text\/javascript;base64,/)
  expect(await import(/* @vite-ignore */ url)).toMatchObject({ a: 1 })
})

test('bundle cache: in memory a bundle that waits is its own URL', () => {
  const { made, file, bundle } = scene()
  made.write({ occupied: '' })
  const code = 'module.exports = () => "é"'
  const url = new BundleCache([made.path('occupied/cache')], []).keep(file, { ...bundle, name: 'a-0123.deferred.cjs', format: 'cjs', code })
  expect(scriptIn(url)).toEqual({ file: `${file}.cjs`, code })
  expect(scriptIn('data:text/javascript,1')).toBe(undefined)
})

test('bundle cache: a folder that others can write is not used, and one that is wanted is the only one', () => {
  const { made } = scene()
  expect(cacheFolders(made.folder, '/wanted')).toEqual(['/wanted'])
  const shared = cacheFolders(made.folder, undefined)[1]!
  if (!existsSync(shared)) return
  const { mode } = statSync(shared)
  try {
    chmodSync(shared, 0o777)
    expect(cacheFolders(made.folder, undefined)).not.toContain(join(shared))
  } finally {
    chmodSync(shared, mode)
  }
})
