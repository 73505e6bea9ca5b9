import { closeSync, openSync } from 'node:fs'
import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'
import type { Recorder } from './recorder.ts'

/** Does on request whatever can go wrong in a handler, and notes what it has begun, with its incarnation. */
export class Victim extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder> | undefined

  constructor(recorder?: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  /** Resolves with the incarnation that answers. */
  note(what: unknown): number {
    this.#recorder?.tell.note([this.context.incarnation, what])
    return this.context.incarnation
  }

  async hold(gate: ActorRef<Gate>, what?: unknown): Promise<number> {
    this.note(what ?? 'hold')
    await passGate(gate)
    return this.context.incarnation
  }

  /** A timer of its own throws while this very call is being worked on. */
  holdAndFailInTimer(gate: ActorRef<Gate>, text: string): Promise<number> {
    this.failInTimer(text)
    return this.hold(gate)
  }

  hang(): Promise<never> {
    return new Promise(() => undefined)
  }

  echo(value: unknown): unknown {
    return value
  }

  self(): ActorRef<Victim> {
    return this.context.selfAs<Victim>()
  }

  fail(text: string): never {
    throw new RangeError(text)
  }

  async failLater(text: string): Promise<never> {
    await Promise.resolve()
    throw new RangeError(text)
  }

  /** With a message of so many characters. */
  async failLoudly(gate: ActorRef<Gate>, chars: number): Promise<never> {
    await passGate(gate)
    return this.fail('x'.repeat(chars))
  }

  failInTimer(text: string): void {
    setTimeout(() => this.fail(text), 1)
  }

  failUnawaited(text: string): void {
    void this.failLater(text)
  }

  /** A library that swallows what nobody has caught. */
  installSwallowers(): void {
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, () => undefined)
  }

  removeListeners(): void {
    process.removeAllListeners()
  }

  exit(code: number): never {
    process.exit(code)
  }

  overflow(depth = 0): number {
    return this.overflow(depth + 1) + 1
  }

  spin(gate: ActorRef<Gate>): never {
    gate.tell.arrive()
    for (;;);
  }

  block(gate: ActorRef<Gate>): void {
    gate.tell.arrive()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }

  pollute(): void {
    Object.assign(Object.prototype, { polluted: true })
    Array.prototype.push = () => 0
    Promise.prototype.constructor = Object
  }

  /** Blocks the thread in native code if the path is a pipe that nobody writes to. */
  open(path: string): void {
    closeSync(openSync(path, 'r'))
  }

  end(): void {
    this.context.stop()
  }
}

/** As in OTP: whatever is thrown ends the incarnation. */
export class Strict extends Victim {
  static override readonly module = import.meta.url
  static readonly onThrow = 'crash'
}
