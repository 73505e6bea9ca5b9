import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
  readonly errors: string
}

/** Runs a program of `scripts/` in a process of its own, to its own end. */
export function runScript(
  name: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
  onOutput: (output: string, child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const path = fileURLToPath(new URL(`scripts/${name}`, import.meta.url))
  const child = spawn(process.execPath, [...flags, path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  // One that never ends is a failure of the test, and not of those after it.
  onTestFinished(() => void child.kill('SIGKILL'))
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    onOutput(output, child)
  })
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, output, errors }))
  })
}
