import { expect, test } from 'vitest'
import { runScript } from './script.ts'

// In processes of their own, where nothing but the system could leave something behind.

/** Many systems are started, and the machine may be busy. */
const LONG_MS = 180_000

interface Counts {
  readonly threads: number
  readonly files: number
  readonly children: number
  readonly resources: readonly string[]
  readonly listeners: Readonly<Record<string, number>>
}

test(
  'must show 6: after stop() no thread, port, timer, child process, file or listener is left',
  async () => {
    const { code, output } = await runScript('counts.mjs', ['stop', '20'])
    const { before, running, after } = JSON.parse(output) as { before: Counts; running: Counts; after: Counts[] }
    expect(running.threads).toBeGreaterThan(before.threads)
    expect(running.resources).toContain('MessagePort')
    expect(before.children).toBe(0)
    // Once, and after twenty times more.
    for (const counts of after) expect(counts).toEqual(before)
    expect(code).toBe(0)
  },
  LONG_MS,
)

test(
  'must show 6: nor after a root that gave up, nor after a start that failed',
  async () => {
    for (const how of ['giveUp', 'startFailed']) {
      const { code, output } = await runScript('counts.mjs', [how, '3'])
      const { before, after } = JSON.parse(output) as { before: Counts; after: Counts[] }
      for (const counts of after) expect(counts, how).toEqual(before)
      expect(code).toBe(0)
    }
  },
  LONG_MS,
)

test('must show 6: a program whose system has stopped ends by itself, whatever it had in flight', async () => {
  const { code, output, signal } = await runScript('ends-by-itself.mjs')
  expect({ code, signal }).toEqual({ code: 0, signal: null })
  expect(output.trim()).toBe('stopped')
})
