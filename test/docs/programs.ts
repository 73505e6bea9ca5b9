import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

export interface Ended {
  /** null: it was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program as a user would: `node scripts/run.mjs FILE.ts`. */
export function runProgram(file: string): Promise<Ended> {
  return runNode([join(root, 'scripts/run.mjs'), file])
}

export function runNode(args: readonly string[]): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd: root, env: plainEnvironment() })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', failed)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

/** Without what a test runner or a terminal adds: colours would be part of the output. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...env } = process.env
  return { ...env, NO_COLOR: '1' }
}
