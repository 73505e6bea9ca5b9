import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Actor, type ActorRef } from '@troupe/runtime'
import type { Recorder } from './recorder.ts'

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** Gives streams, and notes how they end. */
export class Streamer extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder> | undefined
  readonly #frames: WeakRef<object>[] = []
  #yielded = 0

  constructor(recorder?: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  async *countTo(n: number): AsyncGenerator<number, string> {
    for (let i = 1; i <= n; i++) yield i
    return 'the end'
  }

  passedOn(n: number): AsyncGenerator<number, string> {
    return this.countTo(n)
  }

  *countInOneGo(n: number): Generator<number> {
    for (let i = 1; i <= n; i++) yield i
  }

  /** Until it is left. */
  async *numbers(bytes = 0): AsyncGenerator<readonly [number, Uint8Array]> {
    const frame = { yielded: 0 }
    this.#frames.push(new WeakRef(frame))
    try {
      for (;;) {
        this.#yielded = ++frame.yielded
        yield [frame.yielded, new Uint8Array(bytes)]
      }
    } finally {
      this.#recorder?.tell.note('finally')
    }
  }

  yielded(): number {
    return this.#yielded
  }

  /** Of all streams of numbers: those of which something is still kept. */
  framesAlive(): number {
    collectGarbage()
    return this.#frames.filter((frame) => frame.deref() !== undefined).length
  }

  /** One, and then nothing until its reader has gone. */
  async *oneAndWait(): AsyncGenerator<string> {
    const { signal } = this.context
    try {
      yield 'one'
      while (!signal.aborted) await delay(1)
      this.#recorder?.tell.note(`left: ${(signal.reason as Error).name}`)
    } finally {
      this.#recorder?.tell.note('finally')
    }
  }

  async *nothing(): AsyncGenerator<never> {
    this.#recorder?.tell.note('begun')
    await new Promise(() => undefined)
  }

  async *failAfter(n: number): AsyncGenerator<number> {
    for (let i = 1; i <= n; i++) yield i
    throw new RangeError('no more')
  }

  async *same(): AsyncGenerator<{ n: number }> {
    const one = { n: 0 }
    for (; one.n < 3; one.n++) yield one
  }

  async *unsendable(): AsyncGenerator<unknown> {
    yield 'fine'
    yield { deep: [() => 0] }
  }

  /** Reads a stream of another, which it gives on, and is killed in the middle of it. */
  async *relay(from: ActorRef<Streamer>, n: number): AsyncGenerator<number> {
    yield* from.ask.countTo(n)
  }

  /** Reads so many, and then waits for ever in the middle of the stream. */
  async readAndHang(from: ActorRef<Streamer>, n: number, bytes = 0): Promise<void> {
    for await (const [i] of from.ask.numbers(bytes)) {
      if (i < n) continue
      this.#recorder?.tell.note('reading')
      await new Promise(() => undefined)
    }
  }

  sumSync(from: ActorRef<Streamer>, n: number): number {
    let sum = 0
    for (const i of from.askSync.countTo(n)) sum += i
    return sum
  }

  firstSync(from: ActorRef<Streamer>): number {
    for (const [i] of from.askSync.numbers()) return i
    return 0
  }
}
