import { execSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'

/** Keeps its event loop from turning in every way there is, and looks as if it did in some others. */
export class Hanger extends Actor {
  static readonly module: string = import.meta.url

  incarnation(): number {
    return this.context.incarnation
  }

  spin(): never {
    for (;;);
  }

  regExp(): boolean {
    return /^(a+)+$/.test(`${'a'.repeat(60)}b`)
  }

  microtasks(): Promise<never> {
    const again = (): Promise<never> => Promise.resolve().then(again)
    return again()
  }

  nextTicks(): Promise<never> {
    const again = (): void => process.nextTick(again)
    again()
    return new Promise(() => undefined)
  }

  /** The event loop turns all the time: this is load, and no hang. */
  immediates(gate: ActorRef<Gate>): Promise<number> {
    const again = (): void => void setImmediate(again)
    again()
    return this.hold(gate)
  }

  wait(): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }

  /** Hangs when nothing is in progress. */
  spinInTimer(): void {
    setTimeout(() => this.spin(), 1)
  }

  async spinAfterAwait(gate: ActorRef<Gate>): Promise<never> {
    await passGate(gate)
    return this.spin()
  }

  async hold(gate: ActorRef<Gate>): Promise<number> {
    await passGate(gate)
    return this.context.incarnation
  }

  /** Blocks its thread in the runtime, with a deadline. */
  askBlocking(other: ActorRef<Hanger>, gate: ActorRef<Gate>): number {
    return other.askSync({ timeoutMs: 60_000 }).hold(gate)
  }

  takeBlocking(queue: Queue<number>): number {
    return queue.getSync({ timeoutMs: 60_000 })
  }

  spinUntil(path: string): number {
    while (!existsSync(path));
    return this.context.incarnation
  }

  /** In the native code of `open`, if the path is a pipe that nobody writes to. */
  open(path: string): void {
    closeSync(openSync(path, 'r'))
  }

  /** Lets whoever is stuck in `open` go: nothing is written, for the reader may have gone again by then. */
  write(path: string): void {
    closeSync(openSync(path, 'w'))
  }

  sleepNatively(seconds: number): void {
    execSync(`sleep ${seconds}`)
  }
}

/** Says for itself how long is too long. */
export class QuickHanger extends Hanger {
  static override readonly module = import.meta.url
  static readonly hangAfterMs: number = 250
}

export class WrongHanger extends Hanger {
  static override readonly module = import.meta.url
  static readonly hangAfterMs = -1
}
