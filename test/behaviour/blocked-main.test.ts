import { existsSync, readFileSync } from 'node:fs'
import { child } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Witness } from '../actors/witness.ts'
import { collect, startSystem, temporaryFile } from './scene.ts'

const BLOCK_MS = 2_000
/** Only a test that fails gets this far. */
const DEADLINE_MS = 30_000
const CRASHES = 3

/** Does nothing but look into a file, for at least BLOCK_MS: no timer, no port and no promise of this thread runs meanwhile. */
function blockUntil(path: string, last: string): string[] {
  const sleep = new Int32Array(new SharedArrayBuffer(4))
  const from = performance.now()
  const lines = (): string[] => (existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [])
  for (;;) {
    Atomics.wait(sleep, 0, 0, 20)
    const passedMs = performance.now() - from
    if ((passedMs >= BLOCK_MS && lines().at(-1) === last) || passedMs > DEADLINE_MS) return lines()
  }
}

test('must show 5: while the main thread is blocked, actors talk to each other and are restarted', async () => {
  const log = temporaryFile('log')
  const witness = (name: string) => child(Witness, { name, args: [log] })
  const specs = [witness('player'), witness('partner'), witness('phoenix')] as const
  const system = await startSystem({ children: specs, intensity: { restarts: 10, withinMs: 60_000 } })
  const [player, partner, phoenix] = specs.map((spec) => system.ref(spec))
  const exits = collect(system, 'exited')
  player!.tell.play(partner!, phoenix!, CRASHES)
  const lines = blockUntil(log, 'end')
  // Nothing of this can have waited for us: it was on file before this thread could do anything else.
  expect(lines.filter((line) => line.startsWith('hit'))).toHaveLength(CRASHES * 100)
  expect(lines.filter((line) => !line.startsWith('hit'))).toEqual([
    'incarnation 2 answers',
    'incarnation 3 answers',
    'incarnation 4 answers',
    'end',
  ])
  // And what main was to hear, it hears afterwards.
  expect(exits).toEqual([])
  await system.tree()
  expect(exits.map(({ path, incarnation }) => [path, incarnation])).toEqual([
    ['/phoenix', 1],
    ['/phoenix', 2],
    ['/phoenix', 3],
  ])
})

test('must show 5: an ask that was answered while the main thread was blocked is no time-out', async () => {
  const log = temporaryFile('log')
  const system = await startSystem()
  const ref = await system.spawn(Witness, { args: [log] })
  const asked = ref.ask({ timeoutMs: BLOCK_MS / 2 }).hit(7)
  // On a later turn, so that the timer and the reply are both waiting when the block ends, and the timer comes first.
  await new Promise((resolve) => setImmediate(resolve))
  expect(blockUntil(log, 'hit 7')).toEqual(['hit 7'])
  expect(await asked).toBe(8)
})
