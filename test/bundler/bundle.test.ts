import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { expect, test } from 'vitest'
import { readAhead } from '../../packages/runtime/src/base/node-modules-ahead.ts'
import { type Bundle, bundle } from '../../packages/runtime/src/bundler/bundle.ts'
import { fixedSite, movableSite } from '../../packages/runtime/src/bundler/site.ts'
import { sourcePlace } from '../../packages/runtime/src/node/source-place.ts'
import { type Project, packaged, project } from './project.ts'

const RUNTIME = 'file:///runtime/index.js'
const ESM = { type: 'module', exports: './index.js' }

function bundled({ path, folder }: Project, file = 'a.ts', options: { external?: string[]; packages?: boolean } = {}): Promise<Bundle> {
  const site = fixedSite(path(file), RUNTIME)
  return bundle(esbuild, { file: path(file), root: folder, site, target: 'node20.19', external: [], packages: true, ...options })
}

function outside({ outside: names }: Bundle): Record<string, string> {
  return Object.fromEntries(names)
}

test('bundle: of packages only what is imported, and of the runtime nothing', async () => {
  const made = await bundled(
    project({
      'a.ts': "import { used } from 'both'\nimport { Actor } from '@troupe/runtime'\nexport class A extends Actor { a() { return used } }",
      ...packaged('both', { ...ESM, sideEffects: false }, { 'index.js': "export const used = 'is used'\nexport const unused = 'is not'" }),
    }),
  )
  expect(made.code).toContain('is used')
  expect(made.code).not.toContain('is not')
  expect(made.imports).toEqual(['@troupe/runtime'])
  expect(made.name).toMatch(/^a-[0-9a-f]{16}\.deferred\.cjs$/)
})

test("bundle: its head names what it loads at once of Node's own, where that takes long and nobody sees it", async () => {
  const made = await bundled(
    project({
      'a.ts': `import { createHash } from 'node:crypto'\nimport { join } from 'node:path'\nimport { open } from 'inspector'\nimport { old } from 'old'
export const all = [createHash, join, open, old, () => import('node:http2')]`,
      ...packaged('old', {}, { 'index.js': "exports.old = require('https')" }),
    }),
  )
  expect(made.code.split(';')[0]).toBe("'use strict' /* loads crypto https */")
  expect(readAhead(made.code)).toEqual(['crypto', 'https'])
  expect(readAhead("'use strict' /* loads crypto inspector */; x")).toEqual(['crypto'])
  expect(readAhead((await bundled(project({ 'a.ts': 'export const a = 1' }))).code)).toEqual([])
})

test('bundle: what would not survive it stays outside, with what it depends on', async () => {
  const reasons = {
    meta: ["export const x = new URL('./data.txt', import.meta.url)", 'import.meta'],
    dirname: ["export const x = '' + __dirname", '__dirname'],
    native: ["export const x = (dir) => require(dir + '/x.node')", 'a native addon'],
    resolves: ["export const x = () => require.resolve('./x')", 'require.resolve or the like'],
    computed: ['export const x = (name) => require(name)', 'an import of what is computed'],
    plugins: ["export const x = (name) => import('./plugins/' + name)", 'esbuild cannot bundle it'],
    worker: ["export const x = () => new Worker('./w.js')", 'a worker of its own'],
  } as const
  const names = Object.keys(reasons)
  const made = await bundled(
    project({
      'a.ts': `${names.map((name) => `import { x as ${name} } from '${name}'`).join('\n')}\nimport { common } from 'common'\nimport { free } from 'free'\nexport const all = [common, free, ${names}]`,
      ...Object.assign({}, ...names.map((name) => packaged(name, ESM, { 'index.js': reasons[name as keyof typeof reasons][0] }))),
      ...packaged(
        'meta',
        { ...ESM, dependencies: { common: '1.0.0' }, optionalDependencies: { 'for-another-machine': '1.0.0' } },
        { 'index.js': reasons.meta[0] },
      ),
      ...packaged('common', ESM, { 'index.js': 'export const common = 1' }),
      ...packaged('free', ESM, { 'index.js': 'export const free = "in the bundle"' }),
    }),
  )
  const expected = Object.fromEntries(names.map((name) => [name, reasons[name as keyof typeof reasons][1]]))
  expect(outside(made)).toEqual({ ...expected, common: 'meta depends on it' })
  expect(made.code).toContain('in the bundle')
  expect(made.imports.filter((path) => path.endsWith('/node_modules/common/index.js'))).toHaveLength(1)
})

test('bundle: a package that is one thing for Node and another for bundlers is left to Node where they differ', async () => {
  const files = { 'main.cjs': 'module.exports = { x: "for Node" }', 'module.mjs': 'export const x = "for bundlers"' }
  const dual = packaged('dual', { main: './main.cjs', module: './module.mjs' }, files)
  const same = await bundled(project({ 'a.ts': "import { x } from 'dual'\nexport { x }", ...dual }))
  expect(outside(same)).toEqual({})
  expect(same.code).toContain('for bundlers')
  const made = project({ 'a.ts': "import dual from 'dual'\nexport const x = dual.x", ...dual })
  const different = await bundled(made)
  expect(outside(different)).toEqual({ dual: 'esbuild cannot bundle it' })
  expect(different.imports).toEqual([pathToFileURL(made.path('node_modules/dual/main.cjs')).href])
})

test('bundle: what a package requires of another that stays outside is what Node would require there', async () => {
  const made = project({
    'a.ts': "import { b } from 'b'\nexport { b }",
    ...packaged('b', { main: './index.js' }, { 'index.js': "exports.b = require('native')" }),
    ...packaged(
      'b/node_modules/native',
      { exports: { require: './right.cjs', import: './wrong.mjs' } },
      { 'right.cjs': "module.exports = __dirname + 'x.node'", 'wrong.mjs': '' },
    ),
  })
  expect((await bundled(made)).imports).toContain(made.path('node_modules/b/node_modules/native/right.cjs'))
})

test('bundle: by options: one package stays outside, or all do', async () => {
  const made = project({
    'a.ts': "import { b } from 'b'\nimport { c } from 'c'\nexport const all = [b, c]",
    ...packaged('b', ESM, { 'index.js': 'export const b = 1' }),
    ...packaged('c', ESM, { 'index.js': 'export const c = 1' }),
  })
  const urls = ['b', 'c'].map((name) => pathToFileURL(made.path(`node_modules/${name}/index.js`)).href)
  expect((await bundled(made, 'a.ts', { external: ['b'] })).imports).toEqual([urls[0]])
  expect((await bundled(made, 'a.ts', { packages: false })).imports).toEqual(urls)
})

test('bundle: an error names its file and line, and is not blamed on a package', async () => {
  const broken = project({ 'a.ts': 'export class A {\n  method( { }\n}' })
  await expect(bundled(broken)).rejects.toThrow(/a\.ts:3:0: ERROR/)
  const lost = project({ 'a.ts': "import 'no-such-package'" })
  await expect(bundled(lost)).rejects.toThrow(/a\.ts:1:7: ERROR: Could not resolve "no-such-package"/)
})

test('bundle: for another place it names nothing of this machine', async () => {
  const made = project({
    'src/a.ts': "import { b } from 'b'\nimport { self } from './self.ts'\nexport const all = [b, self, import.meta.url, __dirname]",
    'src/self.ts': 'export const self = import.meta.filename',
    ...packaged('b', ESM, { 'index.js': 'export const b = import.meta.url' }),
    ...packaged('c', ESM, { 'index.js': '' }),
  })
  const site = movableSite({ folder: made.path('dist/actors'), runtime: (specifier) => specifier, bundleOf: () => undefined })
  const { code, imports } = await bundle(esbuild, {
    file: made.path('src/a.ts'),
    root: made.folder,
    site,
    target: 'node20.19',
    external: [],
    packages: true,
  })
  const map = Buffer.from(/base64,(\S+)/.exec(code)![1]!, 'base64').toString()
  expect(existsSync(made.folder)).toBe(true)
  expect(code + map).not.toContain(made.folder)
  expect(imports.filter((path) => !path.startsWith('node:'))).toEqual(['b'])
  expect(code).toContain('new URL("../../src/self.ts",__troupe_bundle_url)')
})

/** What an isolate does with a bundle that waits. */
function evaluated({ path }: Project, { name, code }: Bundle): Record<string, unknown> {
  const file = path(name)
  writeFileSync(file, code)
  const module = { exports: {} }
  return createRequire(file)(file)(module, module.exports, { Actor: class {} })
}

test('bundle: a CommonJS function that is strict, and knows its place, its packages and its runtime', async () => {
  const made = project({
    'a.ts': `import { readFileSync } from 'node:fs'
import { sep } from 'node:path'
import { Actor } from '@troupe/runtime'
import { loose } from 'loose'
export class A extends Actor {}
export const facts = { self: typeof readFileSync + sep + typeof (function () { return this })() + loose(), url: import.meta.url }
export const more = () => require.resolve('./b.json') + typeof module
export default A`,
    'b.json': '{}',
    ...packaged('loose', { main: './i.js' }, { 'i.js': "module.exports = { loose() { return typeof exports + require('node:os').EOL } }" }),
  })
  const bundle = await bundled(made)
  expect(bundle.name).toMatch(/\.deferred\.cjs$/)
  const {
    facts,
    more,
    A,
    default: preset,
  } = evaluated(made, bundle) as { facts: unknown; more: () => string; A: unknown; default: unknown }
  expect(facts).toEqual({ self: 'function/undefinedobject\n', url: pathToFileURL(made.path('a.ts')).href })
  expect(more()).toBe(`${made.path('b.json')}object`)
  expect(preset).toBe(A)
})

test.for([
  ['a top-level await', 'export const a = await Promise.resolve(1)'],
  ['a top-level await in a package', "export { a } from 'waits'"],
  ['what only the loader of ES modules knows', "export const a = import.meta.resolve('node:fs')"],
  ['an import of a package that stays outside', "export { a } from 'placed'"],
])('bundle: an ES module where only that will do: %s', async ([, source]) => {
  const made = project({
    'a.ts': source!,
    ...packaged('waits', ESM, { 'index.js': 'export const a = await 1' }),
    ...packaged('placed', ESM, { 'index.js': 'export const a = import.meta.url' }),
  })
  const { name, code, outside: left } = await bundled(made)
  expect(name).toMatch(/^a-[0-9a-f]{16}\.mjs$/)
  expect(code).toMatch(/export\s*\{/)
  expect([...left.keys()]).toEqual(source!.includes('placed') ? ['placed'] : [])
})

test('bundle: a place in it, named by its path as in a profile or by its URL, is one of the source', async () => {
  const made = project({ 'a.ts': 'type Nothing = 1\nexport function marked(): string {\n  return `mark`\n}' })
  const { name, code } = await bundled(made)
  made.write({ [name]: code })
  const [line, column] = [2, code.split('\n')[1]!.indexOf('`mark`') + 1]
  const place = `${pathToFileURL(made.path('a.ts')).href}:3:`
  expect(sourcePlace(made.path(name), line, column)).toContain(place)
  expect(sourcePlace(pathToFileURL(made.path(name)).href, line, column)).toContain(place)
})
