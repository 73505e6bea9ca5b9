import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { Actor } from '@troupe/runtime'

/** Owns a child process that answers each line with its upper case. */
export class Shouter extends Actor {
  static readonly module = import.meta.url
  #child!: ChildProcess
  #lines!: Interface

  override async onStart(): Promise<void> {
    const script = `process.stdin.on('data', (text) => process.stdout.write(String(text).toUpperCase()))`
    this.#child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#lines = createInterface({ input: this.#child.stdout! })
    await once(this.#child, 'spawn')
  }

  override onStop(): void {
    this.#child.kill()
  }

  async shout(text: string): Promise<string> {
    this.#child.stdin!.write(`${text}\n`)
    const [line] = (await once(this.#lines, 'line')) as [string]
    return line
  }

  pid(): number {
    return this.#child.pid!
  }

  breakDown(): void {
    this.#child.kill('SIGKILL')
  }

  isGood(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }
}

/** The types here are those of Node 20, which does not know it. */
const SQLITE = 'node:sqlite'
interface Database {
  exec(sql: string): void
  prepare(sql: string): { run(...values: readonly unknown[]): void; get(): unknown }
}
declare const WebAssembly: { instantiate(bytes: Uint8Array): Promise<{ instance: { exports: Record<string, unknown> } }> }

/** Owns a database in memory. */
export class Ledger extends Actor {
  static readonly module = import.meta.url
  #db: Database | undefined

  override async onStart(): Promise<void> {
    const { DatabaseSync } = await import(SQLITE)
    this.#db = new DatabaseSync(':memory:') as Database
    this.#db.exec('create table entry (amount integer)')
  }

  add(amount: number): number {
    this.#db!.prepare('insert into entry values (?)').run(amount)
    return Number((this.#db!.prepare('select sum(amount) as sum from entry').get() as { sum: number }).sum)
  }

  isGood(): boolean {
    return this.#db !== undefined
  }
}

/** Owns a WASM instance with a counter in it: (module (global $n (mut i32) …) (func (export "next") …)). */
export class WasmCounter extends Actor {
  static readonly module = import.meta.url
  #next!: () => number

  override async onStart(): Promise<void> {
    const sections = [
      '0061736d01000000',
      '0105016000017f',
      '03020100',
      '0606017f0141000b',
      '070801046e6578740000',
      '0a0d010b00230041016a240023000b',
    ]
    const { instance } = await WebAssembly.instantiate(Buffer.from(sections.join(''), 'hex'))
    this.#next = instance.exports['next'] as () => number
  }

  next(): number {
    return this.#next()
  }
}

/** Borrows an actor of a pool, and dies with it. */
export class Doomed extends Actor {
  static readonly module = import.meta.url

  async borrowFrom(pool: import('@troupe/runtime').ActorRef<import('@troupe/actors').ActorPool>): Promise<string> {
    const { ActorLeases } = await import('@troupe/actors')
    const { ref } = await new ActorLeases(this.context, pool).borrow()
    return ref.path
  }
}
