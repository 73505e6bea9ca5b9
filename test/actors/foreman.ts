import type { ChildProcess } from 'node:child_process'
import { Actor } from '@troupe/runtime'

/** Has child processes. */
export class Foreman extends Actor {
  static readonly module = import.meta.url
  readonly #kept: ChildProcess[] = []

  /** One that would live for long, and one below it if `detached`. */
  start(detached = false): number {
    const program = detached
      ? `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }); setInterval(() => {}, 1000)`
      : 'setInterval(() => {}, 1000)'
    const child = this.context.spawnProcess(process.execPath, ['-e', program], { stdio: 'ignore', detached })
    this.#kept.push(child)
    return child.pid!
  }

  /** Reads what another one writes. */
  async run(text: string): Promise<{ output: string; code: number }> {
    const child = this.context.spawnProcess(process.execPath, ['-e', `console.log(${JSON.stringify(text)})`])
    let output = ''
    child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const code = await new Promise<number>((resolve) => child.on('close', resolve))
    return { output, code }
  }

  async runNothing(): Promise<string> {
    const child = this.context.spawnProcess('/no/such/program')
    return new Promise((resolve) => child.on('error', (error) => resolve(error.message)))
  }

  startAndSpin(): never {
    this.context.log.info('started', { pid: this.start() })
    for (;;);
  }

  exit(): never {
    process.exit(0)
  }
}
