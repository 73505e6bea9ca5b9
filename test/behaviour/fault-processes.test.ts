import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, temporaryFile } from './scene.ts'
import { runScript } from './script.ts'

// Faults that can end the process, or that are about it. Each has one of its own.

test.for([
  ['14: one value that does not fit into the heap', 'growAtOnce', ['SIGABRT', 134]],
  ['17: a crash in native code', 'segfault', ['SIGSEGV', 139]],
] as const)('fault %s ends the process, and with it all actors and what their mailboxes held (G11)', async ([, how, ends]) => {
  const { code, signal, output } = await runScript('dies.mjs', [how], ['--max-old-space-size=64'])
  expect(output.trim().split('\n')[0]).toBe('accepted 100')
  // A shell, or the system's own handler, may turn the signal into a code.
  expect(ends).toContain(signal ?? code)
})

test('fault 35: SIGTERM under load drains: all that was accepted is handled, and the process ends', async (context) => {
  if (process.platform === 'win32') return context.skip('there is no SIGTERM')
  const { code, output } = await runScript('signals.mjs', ['1', '1'], [], terminateOnce('flooding'))
  expect(output).toContain('stopped after 1, 200 handled')
  expect(code).toBe(0)
})

test('fault 35: a second signal makes haste', async (context) => {
  if (process.platform === 'win32') return context.skip('there is no SIGTERM')
  const [first, second] = [terminateOnce('flooding'), terminateOnce('signal 1')]
  const { code, output } = await runScript('signals.mjs', ['2', '10000'], [], (...args) => {
    first(...args)
    second(...args)
  })
  expect(output).toMatch(/stopped after 2, \d+ handled/)
  expect(code).toBe(0)
})

function terminateOnce(when: string): (output: string, child: { kill(signal: 'SIGTERM'): unknown }) => void {
  let isSent = false
  return (output, child) => {
    if (isSent || !output.includes(when)) return
    isSent = true
    child.kill('SIGTERM')
  }
}

test('fault 53: where no more threads can be made, a start says so, and the others work on', async (context) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return context.skip('only root can be somebody else, whose threads are counted')
  // Root may make as many as it likes: a user that is not there has a limit.
  const limited = ['--reuid=54321', '--clear-groups', 'bash', '-c', `ulimit -u 40; exec "$0" "$@"`]
  const { code, output } = await runProgramOf('setpriv', [...limited, process.execPath, script('many.mjs')])
  const { count, code: failure, stage, message } = JSON.parse(output)
  expect([failure, stage]).toEqual(['TROUPE_START_FAILED', 'isolate'])
  expect(message).toContain('its isolate could not be made')
  expect(count).toBeGreaterThan(5)
  expect(code).toBe(0)
})

test('fault 53: where address space ends, V8 ends the process: nobody can catch that (G11)', async (context) => {
  if (process.platform !== 'linux') return context.skip('limits are those of Linux')
  const { code, signal, output } = await runProgramOf('bash', [
    '-c',
    `ulimit -v 20000000; exec "$0" "$@"`,
    process.execPath,
    script('many.mjs'),
  ])
  if (code === 0) expect(JSON.parse(output).code).toBe('TROUPE_START_FAILED')
  else expect(['SIGTRAP', 'SIGABRT', 'SIGILL', 133, 134, 132]).toContain(signal ?? code)
})

test('fault 57: a standard output that nobody reads blocks nothing of the runtime', async () => {
  const path = temporaryFile('alive')
  const child = spawn(process.execPath, [script('prints.mjs'), path], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.on('close', resolve))
  await eventually(() => expect(existsSync(path)).toBe(true))
  // Only now somebody reads.
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  expect(await ended).toBe(0)
  expect(output).toContain('stopped')
})

function script(name: string): string {
  return fileURLToPath(new URL(`scripts/${name}`, import.meta.url))
}

function runProgramOf(command: string, args: readonly string[]): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, output }))
  })
}
