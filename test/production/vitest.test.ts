import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../docs/programs.ts'

const FILES = {
  'helper.ts': `export function half(n: number): number {
  return n / 2
}
export function double(n: number): number {
  return n * 2
}
`,
  'actor.ts': `import { Actor } from '@troupe/runtime'
import { half } from './helper.ts'

/** It has lines that are not code. */
interface Kept { n: number }

export class Halver extends Actor {
  static readonly module = import.meta.url
  readonly kept: Kept = { n: 0 }

  halve(n: number): number {
    if (n < 0) {
      return -half(-n)
    }
    return half(n)
  }

  never(): string {
    return 'never'
  }
}
`,
  'plain.mjs': `import { Actor } from '@troupe/runtime'
export class Plain extends Actor {
  static module = import.meta.url
  one() {
    return 1
  }
  two() {
    return 2
  }
}
`,
  'actor.test.ts': `import { isMainThread } from 'node:worker_threads'
import { ActorSystem } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Halver } from './actor.ts'
import { Plain } from './plain.mjs'

test('it halves', async () => {
  expect(isMainThread).toBe(process.env.POOL === 'forks')
  const system = await ActorSystem.start({ name: 'covered', isolate: process.env.ISOLATE as 'thread' })
  const [halver, plain] = [await system.spawn(Halver), await system.spawn(Plain)]
  expect([await halver.ask.halve(4), await (plain as any).ask.one()]).toEqual([2, 1])
  await system.stop()
})
`,
  'vitest.config.ts': `export default {
  test: {
    pool: process.env.POOL,
    server: { deps: { external: [/\\/packages\\/[^/]+\\/dist\\//] } },
    coverage: { enabled: true, provider: 'custom', customProviderModule: '@troupe/runtime/vitest-coverage', reporter: ['json'] },
  },
}
`,
}

interface FileCoverage {
  readonly s: Readonly<Record<string, number>>
  readonly statementMap: Readonly<Record<string, { readonly start: { readonly line: number } }>>
}

/** Line → how often the statements that begin there have run. */
function linesOf({ s, statementMap }: FileCoverage): Record<number, number> {
  return Object.fromEntries(Object.entries(statementMap).map(([id, { start }]) => [start.line, s[id]!]))
}

test.for([
  ['forks', 'thread'],
  ['threads', 'thread'],
  ['threads', 'inline'],
] as const)('tools: under vitest (%s, %s) an actor works, and vitest --coverage reports the lines of its sources', ([pool, isolate]) => {
  mkdirSync(join(root, '.reports'), { recursive: true })
  const folder = mkdtempSync(join(root, '.reports/covered-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  const { NODE_V8_COVERAGE: _, VITEST: __, TEST_ISOLATE: ___, ...env } = process.env
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env: { ...env, POOL: pool, ISOLATE: isolate },
    encoding: 'utf8',
  })
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
  const report = JSON.parse(readFileSync(join(folder, 'coverage/coverage-final.json'), 'utf8')) as Record<string, FileCoverage>
  const counts = Object.fromEntries(Object.entries(report).map(([file, coverage]) => [file.split('/').at(-1), linesOf(coverage)]))
  expect(counts['actor.ts']).toMatchObject({ 12: 1, 13: 0, 15: 1, 19: 0 })
  expect(counts['helper.ts']).toMatchObject({ 2: 1, 5: 0 })
  expect(counts['plain.mjs']).toMatchObject({ 5: 1, 8: 0 })
})
