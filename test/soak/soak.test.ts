import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { slopeOf } from './slope.ts'
import type { Growth } from './soak.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

test('soak: 300 restarts leave no thread, file, block, seat or listener behind, and no object in the heap of the host or the control thread', {
  timeout: 240_000,
}, async () => {
  // So few say nothing of bytes, whose noise is larger than what they could leave: V8 goes on to learn. Objects are counted.
  const counted = (await growthsIn300()).filter(({ unit }) => unit === '')
  expect(counted.map(({ name }) => name)).toEqual([
    'host: objects',
    'control: objects',
    'files',
    'threads',
    'blocks in use',
    'open seats',
    'listeners and handles',
  ])
  // Of each restart, or of each tenth one, which also had an address of its own: that would be 1, or 0.1.
  expect(counted.filter(({ slope }) => slope.perX - slope.halfWidth > 0.05)).toEqual([])
})

test('soak: a slope that is there is found, and noise is none', () => {
  const xs = range(100)
  const exact = slopeOf(
    xs,
    xs.map((x) => 5 + 2 * x),
  )
  expect([exact.perX, exact.halfWidth]).toEqual([expect.closeTo(2), expect.closeTo(0)])
  // Waves, as of a garbage collector: neighbours are alike.
  const waves = slopeOf(
    xs,
    xs.map((x) => 100 * Math.sin(x / 3)),
  )
  expect(Math.abs(waves.perX)).toBeLessThan(waves.halfWidth)
  const leak = slopeOf(
    xs,
    xs.map((x) => 100 * Math.sin(x / 3) + 20 * x),
  )
  expect(leak.perX - leak.halfWidth).toBeGreaterThan(0)
})

/** In a process of its own: only its main thread can look into the control thread, and nothing else is in its heap. */
async function growthsIn300(): Promise<readonly Growth[]> {
  const [run, main] = ['../../scripts/run.mjs', './main.ts'].map((file) => fileURLToPath(new URL(file, import.meta.url)))
  const child = spawn(process.execPath, [run!, main!, '300', '--json'], {
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  return JSON.parse(output.split('\n').find((line) => line.startsWith('[')) ?? '[]')
}
