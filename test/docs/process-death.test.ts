import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './programs.ts'

/** Runs doomed.ts until it has accepted its messages, and kills it. */
async function liveAndDie(): Promise<{ readonly signal: unknown; readonly output: string }> {
  const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), join(import.meta.dirname, 'doomed.ts')], { cwd: root })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
      if (output.includes('accepted')) child.kill('SIGKILL')
    })
  }
  const [, signal] = await once(child, 'close')
  return { signal, output }
}

test('G11: a process that is killed takes its mailboxes with it', async () => {
  const died = { signal: 'SIGKILL', output: 'found: 0\naccepted: 100\n' }
  expect(await liveAndDie()).toEqual(died)
  expect(await liveAndDie()).toEqual(died)
})
