import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { preloadFlags } from '../../packages/runtime/src/node/preloads.ts'
import { Threaded } from '../actors/threaded.ts'
import { startSystem, temporaryFile } from './scene.ts'
import { runScript } from './script.ts'

const ACTOR = new URL('../actors/tooled.ts', import.meta.url)
const PRELOAD = fileURLToPath(new URL('scripts/preload.mjs', import.meta.url))

/** As an environment variable of the processes that this test starts. */
function setEnvironment(name: string, value: string): void {
  process.env[name] = value
  onTestFinished(() => void delete process.env[name])
}

test('tools: what an actor, or a library in it, posts to the port of its worker reaches nobody, and harms nobody', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Threaded)
  const like = ['ready', 'crashed', 'deadLetter', 'call', 'loaded', 'compiled', 'office', 'process'].map((type) => ({ type }))
  for (const message of [null, undefined, 'ready', { hello: 1 }, ...like]) await ref.ask.post(message)
  // Answered by the control side, after all of that.
  expect((await system.inspect(ref))?.incarnation).toBe(1)
  expect(await ref.ask.threadId()).toBeGreaterThan(0)
})

test('tools: a debugger that is attached to workers stops in an actor, and the source map leads to the line of its .ts', async () => {
  const line = readFileSync(ACTOR, 'utf8').split('\n').indexOf('    debugger') + 1
  const { code, output } = await runScript('debugged.mjs')
  expect(output).toBe(`work ${ACTOR.href} ${line} 42\n`)
  expect(code).toBe(0)
})

const THRICE = JSON.stringify(Array.from({ length: 3 }, () => 'in thread of its own'))

test('tools: what --import and NODE_OPTIONS load before the program is loaded in spares and other isolates too, or not', async () => {
  const [inherited, kept] = await Promise.all([
    runScript('tooled.mjs', [], ['--import', PRELOAD]),
    runScript('tooled.mjs', ['no-preloads'], [`--import=${PRELOAD}`]),
  ])
  expect([inherited.output, kept.output]).toEqual([`${THRICE} 42\n`, '[null,null,null] 42\n'])
  setEnvironment('NODE_OPTIONS', `--import ${PRELOAD}`)
  expect((await runScript('tooled.mjs')).output).toBe(`${THRICE} 42\n`)
})

test('tools: which flags are preloads; loaders of TypeScript are none', () => {
  const flags = [
    '--inspect',
    '--import',
    './a.mjs',
    '-r',
    'b',
    '--require=c',
    '--import=tsx',
    '--import',
    'file:///x/node_modules/tsx/dist/loader.mjs',
  ]
  expect(preloadFlags([...flags, '--no-warnings'])).toEqual(['--import', './a.mjs', '-r', 'b', '--require', 'c'])
  expect(preloadFlags(['--import'])).toEqual([])
})

test('tools: V8 coverage of an actor is written when its isolate ends in order, with the source map of its .ts', async () => {
  const folder = dirname(temporaryFile('coverage'))
  setEnvironment('NODE_V8_COVERAGE', folder)
  expect((await runScript('tooled.mjs')).code).toBe(0)
  const reports = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Coverage)
  const covered = reports.flatMap(({ result, 'source-map-cache': maps = {} }) =>
    result
      .filter(({ url }) => maps[url]?.data?.sources.includes(ACTOR.href))
      .map(({ functions }) =>
        ['work', 'never'].map((name) => functions.find(({ functionName }) => functionName === name)?.ranges[0]?.count),
      ),
  )
  // Three actors, one of which worked.
  expect(covered.sort()).toEqual([
    [0, 0],
    [0, 0],
    [1, 0],
  ])
})

interface Coverage {
  readonly result: {
    readonly url: string
    readonly functions: { readonly functionName: string; readonly ranges: { readonly count: number }[] }[]
  }[]
  readonly 'source-map-cache'?: Readonly<Record<string, { readonly data?: { readonly sources: readonly string[] } }>>
}

test('tools: a host may be a worker itself', async () => {
  const { code, output } = await runScript('in-worker.mjs')
  expect(output.split('\n').slice(0, 2)).toEqual(['["hello","sync",2,1]', 'exit 0'])
  expect(code).toBe(0)
})
