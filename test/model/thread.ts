import { mix } from './hash.ts'
import { LOAD } from './operation.ts'
import type { Memory } from './shared-memory.ts'
import { THREADS_MAX } from './words.ts'

export type Body = Generator<unknown, unknown, undefined>

/** What an asynchronous wait does when it is notified, which may depend on what it waited for. */
export interface Wake {
  readonly expected: number
  readonly onWake: (() => void)[]
}

/** A thread of a scenario, as it stands before its next operation. A negative id: the setup or the check, which run alone. */
export class Thread {
  readonly id: number
  readonly name: string
  readonly body: Body | undefined
  /** How much of each thread's past comes before what this one does now. */
  readonly clock = new Int32Array(THREADS_MAX)
  // The operation before which it stands:
  kind = LOAD
  index = 0
  a = 0
  b = 0
  memory: Memory | undefined
  /** What it has seen so far: with the same history, a thread goes on in the same way. */
  seen1 = 0
  seen2 = 0
  isNotified = false
  isInterrupted = false
  woken: Wake[] = []
  /** What it has stored and nobody else has seen yet, by word. */
  readonly shown = new Map<number, number>()
  /** What it says of itself for the check at the end: all that may matter of a thread that is over. */
  readonly log: number[] = []
  logged = 0
  plainWrites = 0
  killAfter = -1
  isOver = false
  /** It may be killed at any moment: also between the last that it does and its end. */
  isVictim = false

  constructor(id: number, name: string, body: Body | undefined) {
    this.id = id
    this.name = name
    this.body = body
    if (id >= 0) this.clock[id] = 1
  }

  see(value: number): void {
    // Mixed with 0, 0 would stay 0.
    this.seen1 = mix(this.seen1 ^ 0x9e3779b9, value)
    this.seen2 = mix(this.seen2 ^ 0x2545f491, value)
  }

  say(fact: number): void {
    this.log.push(fact)
    this.logged = mix(this.logged, fact)
  }

  tick(): void {
    if (this.id >= 0) this.clock[this.id]!++
  }

  /** All that matters of it for what may come, and what it has said. */
  mixedInto(hash: number, seen: number): number {
    if (this.isOver) return mix(mix(hash, 1), this.logged)
    let mixed = mix(mix(mix(hash, seen), this.isNotified ? 2 : 0), this.logged)
    mixed = mix(mixed, this.woken.length)
    for (const { expected } of this.woken) mixed = mix(mixed, expected)
    for (const [index, value] of this.shown) mixed = mix(mix(mixed, index), value)
    return mixed
  }
}
