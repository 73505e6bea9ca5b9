import { Accesses } from './accesses.ts'
import { Contention } from './contention.ts'
import { digest } from './digest.ts'
import { ModelError } from './model-error.ts'
import * as O from './operation.ts'
import type { View } from './shared-memory.ts'
import { Thread } from './thread.ts'
import { Waiters } from './waiters.ts'
import { Words } from './words.ts'

/** A thread that does more than this without meeting another one is in a loop. */
const OPERATIONS_MAX = 10_000
/** What the status word of a thread that was killed holds. */
export const DEAD = 2

/** Thrown at a plain write: the thread is killed there. */
export const KILLED = new Error('killed')

/**
 * The one processor of the machine: performs the accesses of its current thread, one at a time, and puts together what is
 * to be known of each: what the words hold, who waits, which words need all orders, and whether plain accesses are in an
 * order.
 */
export class Processor {
  readonly words = new Words()
  readonly contention = new Contention()
  readonly accesses = new Accesses()
  readonly waiters = new Waiters()
  readonly setup = new Thread(-1, 'setup', undefined)
  current = this.setup
  #operationsInRow = 0
  /** Whether states are told apart also by who wrote what was read: then no race can hide behind an equal value. */
  tellsWriters = false
  /** The threads that were killed, a bit for each. */
  dead = 0
  /** What was run before is run again: nobody looks at what the threads have seen. */
  isReplaying = false
  trace: ((text: string) => void) | undefined

  reset(): void {
    this.dead = 0
    this.setup.log.length = 0
    this.current = this.setup
    this.words.reset()
    this.accesses.reset()
    this.waiters.reset()
  }

  /** From here on it works for this thread. */
  turnTo(thread: Thread): void {
    this.#operationsInRow = 0
    this.current = thread
  }

  #see(value: number): void {
    if (!this.isReplaying) this.current.see(value)
  }

  #seeWord(value: number, index: number): void {
    if (!this.isReplaying) this.current.see(this.tellsWriters && index > 0 ? this.accesses.signed(value, index) : value)
  }

  /**
   * From here on, what a thread does depends on these values only, however it came to them. The first is the place in the
   * code. They must be all that it remembers: a variable that is forgotten here makes the search skip states.
   */
  remember(values: readonly unknown[]): boolean {
    const { current } = this
    current.kind = O.NOTHING
    if (this.isReplaying) return false
    current.seen1 = current.seen2 = 0
    digest(values, (number) => current.see(number))
    return false
  }

  log(facts: readonly number[]): boolean {
    for (const fact of facts) this.current.say(fact)
    this.current.kind = O.NOTHING
    return false
  }

  // ---- plain memory ----

  getPlain(view: View, at: number): number | undefined {
    if (at < 0 || at >= view.length) return undefined
    const index = view.wordAt(at)
    const { current } = this
    if (current.id >= 0) {
      this.contention.note(index, current.id, false)
      this.accesses.plainRead(current, index)
    }
    const value = view.isBytes ? this.words.getByte(view.base + at) : this.#wordOf(current, index)
    this.#seeWord(value, index)
    return value
  }

  setPlain(view: View, at: number, value: number): void {
    if (at < 0 || at >= view.length) return
    const index = view.wordAt(at)
    const { current } = this
    if (current.id >= 0) {
      this.contention.note(index, current.id, true)
      if (this.#rivals(current, index, true) !== 0) {
        current.plainWrites++
        if (current.killAfter-- === 0) throw KILLED
      }
      this.accesses.checkWrite(current, index, true)
    }
    if (view.isBytes) this.words.putByte(view.base + at, value)
    else this.words.put(index, value | 0)
    this.accesses.written(current, index, true)
  }

  // ---- stores that others may see late ----

  /**
   * The thread itself sees it from now on, others together with what it does next that is more than a look: so late, and no later,
   * since atomic operations keep the order of those before them.
   */
  show(index: number, value: number): boolean {
    const { current } = this
    current.kind = O.NOTHING
    if (current.id < 0) this.words.put(index, value)
    else {
      if (this.#rivals(current, index, true) !== 0) {
        current.plainWrites++
        if (current.killAfter-- === 0) throw KILLED
      }
      this.contention.note(index, current.id, true)
      // In the order of the last store to each.
      current.shown.delete(index)
      current.shown.set(index, value)
      this.#see(O.SHOW)
    }
    return false
  }

  /** What it has stored is seen by all. It says nothing about what was done before: nobody comes after that by looking. */
  letSee(thread: Thread): void {
    for (const [index, value] of thread.shown) {
      this.accesses.checkWrite(thread, index, false)
      this.words.put(index, value)
      this.accesses.written(thread, index, false)
      this.accesses.releaseNothing(index)
      this.trace?.(`${thread.name}: show [${index}] ${value}`)
    }
    thread.shown.clear()
  }

  #wordOf({ shown }: Thread, index: number): number {
    return shown.get(index) ?? this.words.get(index)
  }

  // ---- atomic operations ----

  /** Sets what the thread is about to do. True: it must stop before that, because another may come first. */
  plan(kind: number, index: number, a = 0, b = 0): boolean {
    const { current } = this
    current.kind = kind
    current.index = index
    current.a = a
    current.b = b
    if (current.id < 0) return false
    // What it waits for never goes away again: there is nothing to be in time for.
    if (kind === O.UNTIL) return this.words.get(index) === 0
    if (kind === O.END && current.isVictim) return true
    if (kind >= O.SLEEP) this.letSee(current)
    return kind >= O.SLEEP || this.rivals(current) !== 0
  }

  /** The threads that could come between now and what a thread is about to do. */
  rivals(thread: Thread): number {
    const isRead = O.isRead(thread.kind)
    let rivals = this.#rivals(thread, thread.index, !isRead)
    if (!isRead) for (const index of thread.shown.keys()) rivals |= this.#rivals(thread, index, true)
    return rivals
  }

  /** Those that have come to their end count here: where a thread stops must not hang on how fast another one is. */
  #rivals({ id }: Thread, index: number, isWrite: boolean): number {
    return this.contention.rivals(index, id, isWrite) & ~this.dead
  }

  /** Does what was planned, and gives what the code sees of it. */
  finishOperation(): unknown {
    const { current } = this
    const { kind, index, a } = current
    if (kind === O.NOTHING) return undefined
    if (kind === O.SLEEP) return this.#endSleep(current)
    if (kind === O.BLOCKED) return this.#endBlocked(current)
    if (++this.#operationsInRow > OPERATIONS_MAX) throw new ModelError(`${current.name} goes on for ever`)
    if (!O.isRead(kind)) this.letSee(current)
    const before = this.#wordOf(current, index)
    if (current.id >= 0) this.#order(current)
    // What it does without looking counts too: a store of what was there already changes nothing but how far the thread is.
    if (O.isBlind(kind)) this.#see(kind)
    else this.#seeWord(before, index)
    const result = this.#apply(current, before)
    if (this.trace !== undefined) this.trace(`${current.name}: ${O.KINDS[kind]} [${index}] ${a} ${current.b}, was ${before}`)
    return result
  }

  /** Conflicts, races and vector clocks of an operation. */
  #order(thread: Thread): void {
    const { kind, index } = thread
    const isWrite = !O.isRead(kind)
    if (kind < O.UNTIL) this.contention.note(index, thread.id, isWrite)
    if (isWrite) this.accesses.checkWrite(thread, index, false)
    else this.accesses.atomicRead(thread, index)
    if (kind !== O.STORE) this.accesses.acquire(thread, index)
  }

  #apply(thread: Thread, before: number): unknown {
    const { kind, index, a, b } = thread
    if (kind === O.STORE || kind === O.EXCHANGE || kind === O.END) this.#store(index, a)
    else if (kind === O.CAS && before === a) this.#store(index, b)
    else if (kind === O.ADD) return this.#storeBlindly(index, (before + a) | 0)
    else if (kind === O.OR) return this.#storeBlindly(index, before | a)
    else if (kind === O.NOTIFY) return this.waiters.notify(index, a)
    else if (kind === O.WAIT_ASYNC) return this.#waitAsync(thread, before === a)
    else if (kind === O.WAIT_SYNC) return this.#waitSync(thread, before === a)
    else if (kind === O.UNTIL) return before === DEAD
    else if (kind === O.GROW) {
      if (a <= before || a > thread.memory!.bytesMax) throw new RangeError('grow')
      this.#store(index, a)
    }
    return before
  }

  #store(index: number, value: number): void {
    this.words.put(index, value)
    const { current } = this
    if (current.id < 0) return
    this.accesses.written(current, index, false)
    this.accesses.release(current, index)
    current.tick()
  }

  /** Nobody looks at what these operations give back; who will must not forget to let the model see it. */
  #storeBlindly(index: number, value: number): number {
    this.#store(index, value)
    return Number.NaN
  }

  #waitAsync(thread: Thread, isEqual: boolean): unknown {
    if (!isEqual) return { async: false, value: 'not-equal' }
    const onWake = this.waiters.addAsync(thread, thread.index, thread.a)
    // It stands for a promise, of which only this is used.
    return { async: true, value: { then: (task: () => void) => onWake.push(task) } }
  }

  #waitSync(thread: Thread, isEqual: boolean): boolean {
    if (isEqual) this.waiters.addSync(thread, thread.index)
    return isEqual
  }

  #endSleep(thread: Thread): void {
    const { woken } = thread
    thread.woken = []
    this.#see(woken.length)
    for (const { expected, onWake } of woken) {
      this.#see(expected)
      for (const task of onWake) task()
    }
    thread.isInterrupted = thread.isNotified = false
  }

  #endBlocked(thread: Thread): void {
    this.#see(thread.isInterrupted ? 1 : 0)
    thread.isInterrupted = thread.isNotified = false
    this.waiters.leave(thread)
  }
}
