import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Scatter } from '@troupe/actors'
import { expect, test, vi } from 'vitest'
import { packaged, project } from '../bundler/project.ts'
import { collect, rejection, startSystem, temporaryFile } from './scene.ts'

const EXTENDS_ACTOR = "import { Actor } from '@troupe/runtime'\n"

test('bundle: whatever TypeScript has: enums, decorators, parameter properties, paths, JSON, modules without an extension', async () => {
  const made = project({
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] }, "experimentalDecorators": true } }',
    'lib/level.ts': 'export enum Level { Low = 1, High = 10 }',
    'lib/words.json': '["from", "json"]',
    'lib/doubled.ts': `export function doubled(_: unknown, __: string, d: PropertyDescriptor): void {
      const original = d.value as () => number
      d.value = function (this: unknown) { return 2 * original.call(this) }
    }`,
    'full.ts': `${EXTENDS_ACTOR}import { Level } from '@lib/level'
import { doubled } from './lib/doubled'
import words from './lib/words.json' with { type: 'json' }
export class Full extends Actor {
  static readonly module = import.meta.url
  constructor(readonly level: Level = Level.High, private readonly names = words) { super() }
  @doubled value(): number { return this.level }
  all() { return [Level[this.level], ...this.names, import.meta.url.endsWith('/full.ts')] }
}`,
  })
  const system = await startSystem()
  const full = await system.spawn(made.actor('full.ts', 'Full'))
  expect(await full.ask['value']!()).toBe(20)
  expect(await full.ask['all']!()).toEqual(['High', 'from', 'json', true])
})

test('bundle: stacks name the lines of the source, of the actor, of what it imports, and of packages', async () => {
  const made = project({
    'fails.ts': `${EXTENDS_ACTOR}import { inHelper } from './helper.ts'
import { inPackage } from 'thrower'

enum Unused { A }

export class Fails extends Actor {
  own(): void {
    throw new Error('own')
  }
  helper(): void { inHelper() }
  packaged(): void { inPackage() }
}`,
    'helper.ts': 'interface Nothing {}\n\nexport function inHelper(): Nothing {\n  throw new Error("helper")\n}',
    ...packaged(
      'thrower',
      { type: 'module', exports: './index.js' },
      { 'index.js': "\n\nexport function inPackage() {\n  throw new Error('packaged')\n}" },
    ),
  })
  const system = await startSystem()
  const ref = await system.spawn(made.actor('fails.ts', 'Fails'))
  const stackOf = async (method: string): Promise<string> => (await rejection(ref.ask[method]!() as Promise<unknown>)).stack!
  expect(await stackOf('own')).toMatch(/at Fails\.own \(\S*\/fails\.ts:9:11\)/)
  expect(await stackOf('helper')).toMatch(/at inHelper \(\S*\/helper\.ts:4:9\)\n\s+at Fails\.helper \(\S*\/fails\.ts:11:\d+\)/)
  expect(await stackOf('packaged')).toMatch(/at inPackage \(\S*\/node_modules\/thrower\/index\.js:4:\d+\)/)
})

test('bundle: what was bundled once is not bundled again by a later system, and is shared', async () => {
  const made = project({ 'a.ts': `${EXTENDS_ACTOR}export class A extends Actor { a() { return 1 } }`, ...packaged('any', {}, {}) })
  const bundles = (): string[] => readdirSync(made.path('node_modules/.cache/troupe')).sort()
  for (const text of ['', '', ' // changed']) {
    writeFileSync(made.path('a.ts'), `${EXTENDS_ACTOR}export class A extends Actor { a() { return 1 } }${text}`)
    const system = await startSystem({ spares: 0 })
    expect(await (await system.spawn(made.actor('a.ts', 'A'))).ask['a']!()).toBe(1)
  }
  // One bundle, since a comment is no code, and one record.
  expect(bundles()).toHaveLength(2)
})

test('bundle: an idle isolate has it compiled, and runs nothing of it before its actor comes', async () => {
  const marks = temporaryFile('marks.txt')
  writeFileSync(marks, '')
  const made = project({
    'marks.ts': `${EXTENDS_ACTOR}import { appendFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
appendFileSync(process.env['TROUPE_TEST_MARKS']!, threadId + ' ')
export class Marks extends Actor { here() { return 1 } }`,
  })
  process.env['TROUPE_TEST_MARKS'] = marks
  try {
    const system = await startSystem({ spares: 1 })
    const Marks = made.actor('marks.ts', 'Marks')
    const started = collect(system, 'started')
    for (let starts = 1; starts <= 3; starts++) {
      const ref = await system.spawn(Marks)
      expect(await ref.ask['here']!()).toBe(1)
      expect(readFileSync(marks, 'utf8').trim().split(' ')).toHaveLength(starts)
      await system.stopActor(ref)
    }
    await vi.waitFor(
      async () => {
        await system.stopActor(await system.spawn(Marks))
        expect(started.at(-1)!.warm).toBe(true)
      },
      { timeout: 30_000, interval: 100 },
    )
    expect(readFileSync(marks, 'utf8').trim().split(' ')).toHaveLength(started.length)
  } finally {
    delete process.env['TROUPE_TEST_MARKS']
  }
})

test('bundle: where nothing can be written it is in memory, and stacks name the lines of the source all the same', async () => {
  const made = project({ occupied: '', 'a.ts': `${EXTENDS_ACTOR}export class A extends Actor { a() { throw new Error('a') } }` })
  const system = await startSystem({ bundle: { cacheFolder: made.path('occupied/cache') } })
  const ref = await system.spawn(made.actor('a.ts', 'A'))
  const { stack } = await rejection(ref.ask['a']!() as Promise<unknown>)
  expect(stack).toMatch(/at A\.a \(\S*\/a\.ts:2:\d+\)/)
})

test('bundle: an addon stays outside and is loaded from where it lies, and a package that was left out, too', async () => {
  const made = project({
    'a.ts': `${EXTENDS_ACTOR}import { where } from 'self-aware'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Scatter } from '@troupe/actors'
export class A extends Actor {
  where() { return where }
  addon() { return createRequire(import.meta.url)('./broken.node') }
}`,
    'broken.node': 'no addon',
    ...packaged('self-aware', { exports: './index.cjs' }, { 'index.cjs': 'exports.where = __dirname' }),
  })
  const system = await startSystem()
  const ref = await system.spawn(made.actor('a.ts', 'A'))
  expect(await ref.ask['where']!()).toBe(made.path('node_modules/self-aware'))
  expect((await rejection(ref.ask['addon']!() as Promise<unknown>)).message).toContain(made.path('broken.node'))
})

test('bundle: by options: JavaScript too; a package left out; an option that is none', async () => {
  const made = project({
    'a.js': `${EXTENDS_ACTOR}import { x } from 'x'\nexport class A extends Actor { a() { return x() } }`,
    ...packaged('x', { type: 'module', exports: './i.js' }, { 'i.js': 'export const x = () => new Error().stack' }),
  })
  const stackWith = async (bundle: object): Promise<unknown> =>
    (await (await startSystem({ bundle, spares: 0 })).spawn(made.actor('a.js', 'A'))).ask['a']!()
  expect(await stackWith({ javascript: true })).toContain('node_modules/x/i.js')
  expect(readdirSync(made.path('node_modules/.cache/troupe'))).toHaveLength(2)
  expect(await stackWith({ javascript: true, external: ['x'] })).toContain('node_modules/x/i.js')
  expect((await rejection(startSystem({ bundle: { externals: ['x'] } as object }))).message).toContain("no option 'externals'")
  expect((await rejection(startSystem({ bundle: { external: ['./x'] } }))).message).toContain('must be names of packages')
})

test('bundle: the runtime is one instance, also where a package of actors is bundled', async () => {
  const folder = dirname(createRequire(import.meta.url).resolve('@troupe/actors/package.json'))
  const made = project({ 'a.ts': `export { Scatter } from ${JSON.stringify(join(folder, 'dist/scatter.js'))}` })
  const system = await startSystem()
  const scatter = await system.spawn(made.actor<Scatter>('a.ts', 'Scatter'))
  expect(await scatter.ask.gather([], 'anything', [])).toEqual({ results: [], missing: [] })
})
