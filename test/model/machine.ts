/**
 * The machine that the transformed code runs on: words, threads, atomic operations that are performed one at a time, and
 * what is known about each access: who may conflict with whom (only those words need all orders), and whether plain
 * accesses are ordered by atomic ones (vector clocks).
 */

const LOAD = 0
const STORE = 2
const CAS = 3
const EXCHANGE = 4
const ADD = 5
const OR = 6
const NOTIFY = 7
const WAIT_ASYNC = 8
const WAIT_SYNC = 9
const GROW = 10
const END = 11
/** Blocked until a word of the model has a value. */
const UNTIL = 12
/** Blocked until one of this thread's asynchronous waits was notified. */
const SLEEP = 13
/** Blocked in a synchronous wait. */
const BLOCKED = 14
const NOTHING = 15

const KINDS = 'load ? store compareExchange exchange add or notify waitAsync wait grow end until sleep blocked nothing'.split(' ')

const THREADS_MAX = 6
const WORDS_MAX = 1_536
/** Words of the model itself, behind the memory. */
const SIZE_WORD = WORDS_MAX
const STATUS_WORDS = WORDS_MAX + 1
const SIGNAL_WORDS = STATUS_WORDS + THREADS_MAX
const ALL_WORDS = SIGNAL_WORDS + 16
/** A thread that does more than this without meeting another one is in a loop. */
const OPERATIONS_MAX = 10_000
const FINISHED = 1
const DEAD = 2

export type Body = Generator<unknown, unknown, undefined>

/** Thrown at a plain write: the thread is killed there. */
const KILLED = new Error('killed')

export class ModelError extends Error {}

interface Waiter {
  readonly thread: Thread
  readonly onWake: (() => void)[] | undefined
}

export class Thread {
  readonly id: number
  readonly name: string
  readonly body: Body | undefined
  readonly clock = new Int32Array(THREADS_MAX)
  // The operation before which it stands:
  kind = LOAD
  index = 0
  a = 0
  b = 0
  memory: Memory | undefined
  result: unknown
  /** What it has seen so far: with the same history, a thread goes on in the same way. */
  seen1 = 0
  seen2 = 0
  isNotified = false
  isInterrupted = false
  woken: (() => void)[] = []
  /** What it says of itself for the check at the end: all that may matter of a thread that is over. */
  readonly log: number[] = []
  logged = 0
  plainWrites = 0
  killAfter = -1
  isOver = false

  constructor(id: number, name: string, body: Body | undefined) {
    this.id = id
    this.name = name
    this.body = body
    if (id >= 0) this.clock[id] = 1
  }
}

/** Stands for a SharedArrayBuffer. */
class Memory {
  readonly bytesMax: number
  bytes: number

  constructor(bytes: number, { maxByteLength }: { readonly maxByteLength: number }) {
    if (maxByteLength > WORDS_MAX * 4) throw new ModelError(`${maxByteLength} bytes are too much for the model`)
    this.bytes = bytes
    this.bytesMax = maxByteLength
  }
}

/** Stands for a typed array on shared memory. */
class View {
  readonly machine: Machine
  readonly base: number
  readonly length: number
  readonly isBytes: boolean

  constructor(machine: Machine, base: number, length: number, isBytes: boolean) {
    this.machine = machine
    this.base = base
    this.length = length
    this.isBytes = isBytes
  }

  fill(value: number, from: number, to: number): void {
    for (let i = from; i < to; i++) this.machine.setPlain(this, i, value)
  }

  set(values: Uint8Array, at: number): void {
    values.forEach((value, i) => {
      this.machine.setPlain(this, at + i, value)
    })
  }

  subarray(from: number, to: number): Uint8Array {
    return Uint8Array.from({ length: to - from }, (_, i) => this.machine.getPlain(this, from + i)!)
  }

  slice(from: number, to: number): Uint8Array {
    return this.subarray(from, to)
  }
}

/**
 * Which words need all orders: they are used by two threads at least, of which one writes. Found while searching; what
 * is found counts from the next run on, so that a run can be replayed.
 */
export class Contention {
  readonly isContended = new Uint8Array(ALL_WORDS)
  readonly #users = new Int32Array(ALL_WORDS)
  readonly #isWritten = new Uint8Array(ALL_WORDS)
  #found = new Set<number>()

  note(index: number, thread: number, isWrite: boolean): void {
    const users = (this.#users[index]! |= 1 << thread)
    if (isWrite) this.#isWritten[index] = 1
    if (this.isContended[index] !== 0 || this.#isWritten[index] === 0 || (users & (users - 1)) === 0) return
    this.#found.add(index)
  }

  /** False: nothing new was found. */
  learn(): boolean {
    for (const index of this.#found) this.isContended[index] = 1
    const isNew = this.#found.size > 0
    this.#found.clear()
    return isNew
  }

  words(): number[] {
    return [...this.isContended.keys()].filter((word) => this.isContended[word] !== 0)
  }
}

export class Machine {
  readonly words = new Int32Array(ALL_WORDS)
  readonly #bytes = new Uint8Array(this.words.buffer)
  readonly contention = new Contention()
  threads: Thread[] = []
  readonly #setup = new Thread(-1, 'setup', undefined)
  current = this.#setup
  #operationsInRow = 0
  #waiters: (Waiter & { readonly index: number })[] = []
  // Changed with each write, so that a state can be compared with all before it.
  hash1 = 0
  hash2 = 0
  // The last writer of each word and its time, the last reads, and what an atomic write has released:
  readonly #writer = new Int8Array(ALL_WORDS).fill(-1)
  readonly #writeTime = new Int32Array(ALL_WORDS)
  readonly #isPlainWrite = new Uint8Array(ALL_WORDS)
  readonly #readTime = new Int32Array(ALL_WORDS * THREADS_MAX)
  readonly #released = new Int32Array(ALL_WORDS * THREADS_MAX)
  /** Whether states are told apart also by who wrote what was read: then no race can hide behind an equal value. */
  tellsWriters = false
  /** What was run before is run again: nobody looks at what the threads have seen, until `recall`. */
  isReplaying = false
  trace: ((text: string) => void) | undefined

  reset(): void {
    this.threads = []
    this.#setup.log.length = 0
    this.current = this.#setup
    this.#waiters = []
    this.hash1 = this.hash2 = 0
    this.words.fill(0)
    this.#writer.fill(-1)
    this.#readTime.fill(0)
    this.#released.fill(0)
  }

  // ---- threads ----

  add(name: string, body: Body): Thread {
    const thread = new Thread(this.threads.length, name, body)
    this.threads.push(thread)
    return thread
  }

  /** Runs something to its end, without anybody in between. */
  finish(body: Body): unknown {
    this.current = this.#setup
    const { done, value } = body.next()
    if (!done) throw new ModelError('it waits for somebody, and nobody is left')
    return value
  }

  isEnabled(thread: Thread): boolean {
    if (thread.isOver) return false
    if (thread.kind === SLEEP) return thread.woken.length > 0
    if (thread.kind === BLOCKED) return thread.isNotified
    return thread.kind !== UNTIL || this.words[thread.index] !== 0
  }

  mayBeInterrupted(thread: Thread): boolean {
    return !thread.isOver && !this.isEnabled(thread) && (thread.kind === SLEEP || thread.kind === BLOCKED)
  }

  isDead(thread: Thread): boolean {
    return this.words[STATUS_WORDS + thread.id] === DEAD
  }

  start(thread: Thread): void {
    this.#go(thread)
  }

  /** Performs the operation before which a thread stands, and goes on to its next one. */
  step(thread: Thread, killAfter = -1): void {
    thread.plainWrites = 0
    thread.killAfter = killAfter
    this.#go(thread)
    if (killAfter >= 0 && !thread.isOver) throw new ModelError('a kill came too late')
  }

  interrupt(thread: Thread): void {
    thread.isInterrupted = thread.isNotified = true
    this.#go(thread)
  }

  kill(thread: Thread): void {
    this.#end(thread, DEAD)
  }

  #go(thread: Thread): void {
    this.#operationsInRow = 0
    this.current = thread
    try {
      if (thread.body!.next().done) thread.isOver = true
    } catch (error) {
      if (error !== KILLED) throw error
      this.#end(thread, DEAD)
    }
  }

  /** Its waits are gone with it, but a notification may still go to them: they stay in line. */
  #end(thread: Thread, status: number): void {
    thread.isOver = true
    thread.woken = []
    this.#tick(thread)
    this.#put(STATUS_WORDS + thread.id, status)
    this.#release(thread, STATUS_WORDS + thread.id)
    this.trace?.(`${thread.name} is dead`)
  }

  /** What the threads have seen so far, to go on with it after a replay. */
  seen(): Int32Array {
    const seen = new Int32Array(this.threads.length * 2)
    for (const { id, seen1, seen2 } of this.threads) {
      seen[id * 2] = seen1
      seen[id * 2 + 1] = seen2
    }
    return seen
  }

  recall(seen: Int32Array): void {
    this.isReplaying = false
    for (const thread of this.threads) {
      thread.seen1 = seen[thread.id * 2]!
      thread.seen2 = seen[thread.id * 2 + 1]!
    }
  }

  // ---- plain memory ----

  getPlain(view: View, at: number): number | undefined {
    if (at < 0 || at >= view.length) return undefined
    const index = view.isBytes ? (view.base + at) >> 2 : view.base + at
    const { current } = this
    if (current.id >= 0) {
      this.contention.note(index, current.id, false)
      if (this.#writer[index]! >= 0 && !this.#isBefore(this.#writer[index]!, this.#writeTime[index]!)) this.#race(index, 'reads')
      this.#readTime[index * THREADS_MAX + current.id] = current.clock[current.id]!
    }
    const value = view.isBytes ? this.#bytes[view.base + at]! : this.words[index]!
    this.#see(value, index)
    return value
  }

  setPlain(view: View, at: number, value: number): void {
    if (at < 0 || at >= view.length) return
    const index = view.isBytes ? (view.base + at) >> 2 : view.base + at
    const { current } = this
    if (current.id >= 0) {
      this.contention.note(index, current.id, true)
      if (this.contention.isContended[index] !== 0) {
        current.plainWrites++
        if (current.killAfter-- === 0) throw KILLED
      }
      this.#checkWrite(index, true)
    }
    if (view.isBytes) {
      const shift = ((view.base + at) & 3) * 8
      this.#put(index, (this.words[index]! & ~(0xff << shift)) | ((value & 0xff) << shift))
    } else this.#put(index, value | 0)
    this.#written(index, true)
  }

  #checkWrite(index: number, isPlain: boolean): void {
    const writer = this.#writer[index]!
    if (writer >= 0 && (isPlain || this.#isPlainWrite[index] !== 0) && !this.#isBefore(writer, this.#writeTime[index]!))
      this.#race(index, 'writes')
    for (let i = 0; i < this.threads.length; i++) {
      const time = this.#readTime[index * THREADS_MAX + i]!
      if (time > 0 && !this.#isBefore(i, time)) this.#race(index, 'writes')
    }
  }

  #written(index: number, isPlain: boolean): void {
    const { current } = this
    this.#writer[index] = current.id
    this.#writeTime[index] = current.id < 0 ? 0 : current.clock[current.id]!
    this.#isPlainWrite[index] = isPlain ? 1 : 0
  }

  #isBefore(thread: number, time: number): boolean {
    return thread === this.current.id || this.current.id < 0 || this.current.clock[thread]! >= time
  }

  #race(index: number, what: string): never {
    throw new ModelError(`a race: ${this.current.name} ${what} word ${index} without an order to another thread's access`)
  }

  #put(index: number, value: number): void {
    const old = this.words[index]!
    if (old === value) return
    this.hash1 ^= mix(index * 2 + 1, old) ^ mix(index * 2 + 1, value)
    this.hash2 ^= mix(index * 2 + 0x5bd1, old) ^ mix(index * 2 + 0x5bd1, value)
    this.words[index] = value
  }

  #see(value: number, index: number): void {
    if (this.isReplaying) return
    const { current } = this
    let seen = value
    if (this.tellsWriters && index > 0) seen = mix(mix(value, this.#writer[index]!), this.#writeTime[index]!)
    current.seen1 = mix(current.seen1, seen)
    current.seen2 = mix(current.seen2 ^ 0x2545f491, seen)
  }

  // ---- atomic operations ----

  /** Sets what the thread is about to do. True: it must stop before that, because another may come first. */
  #plan(kind: number, index: number, a = 0, b = 0): boolean {
    const { current } = this
    current.kind = kind
    current.index = index
    current.a = a
    current.b = b
    if (current.id < 0) return false
    // What it waits for never goes away again: there is nothing to be in time for.
    if (kind === UNTIL) return this.words[index] === 0
    return kind >= SLEEP || this.contention.isContended[index] !== 0
  }

  #perform(): unknown {
    const { current } = this
    const { kind, index } = current
    if (current.id >= 0) this.#order(current, kind, index)
    const before = this.words[index]!
    const isIgnored = kind === STORE || kind === ADD || kind === OR || kind === NOTIFY || kind === END
    if (!isIgnored) this.#see(before, index)
    const result = this.#apply(current, before)
    if (this.trace !== undefined) this.trace(`${current.name}: ${KINDS[kind]} [${index}] ${current.a} ${current.b}, was ${before}`)
    return result
  }

  /** Conflicts, races and vector clocks of an operation. */
  #order(thread: Thread, kind: number, index: number): void {
    const isWrite = !isRead(kind)
    if (kind < UNTIL) this.contention.note(index, thread.id, isWrite)
    if (isWrite) this.#checkWrite(index, false)
    else if (this.#isPlainWrite[index] !== 0 && this.#writer[index]! >= 0 && !this.#isBefore(this.#writer[index]!, this.#writeTime[index]!))
      this.#race(index, 'loads')
    if (kind !== STORE) {
      const at = index * THREADS_MAX
      for (let i = 0; i < this.threads.length; i++)
        if (this.#released[at + i]! > thread.clock[i]!) thread.clock[i] = this.#released[at + i]!
    }
  }

  #apply(thread: Thread, before: number): unknown {
    const { kind, index, a, b } = thread
    if (kind === STORE || kind === EXCHANGE || kind === END) this.#store(index, a)
    else if (kind === CAS && before === a) this.#store(index, b)
    else if (kind === ADD) this.#store(index, (before + a) | 0)
    else if (kind === OR) this.#store(index, before | a)
    else if (kind === NOTIFY) return this.#notify(index, a)
    else if (kind === GROW) {
      if (a <= before || a > thread.memory!.bytesMax) throw new RangeError('grow')
      this.#store(index, a)
    }
    // Nobody looks at what these give back; who will must not forget to let the model see it.
    return kind === ADD || kind === OR ? Number.NaN : before
  }

  #store(index: number, value: number): void {
    this.#put(index, value)
    const { current } = this
    if (current.id < 0) return
    this.#written(index, false)
    this.#release(current, index)
    this.#tick(current)
  }

  #release(thread: Thread, index: number): void {
    this.#released.set(thread.clock, index * THREADS_MAX)
  }

  #tick(thread: Thread): void {
    if (thread.id >= 0) thread.clock[thread.id]!++
  }

  #notify(index: number, count: number): number {
    const due = this.#waiters.filter((waiter) => waiter.index === index).slice(0, count)
    this.#waiters = this.#waiters.filter((waiter) => !due.includes(waiter))
    for (const { thread, onWake } of due) {
      if (thread.isOver) continue
      if (onWake === undefined) thread.isNotified = true
      else thread.woken.push(...onWake)
    }
    return due.length
  }

  /** Says everything about the present that is not in the words or in what the threads have seen. */
  key(extra: number): number {
    let h1 = mix(this.hash1, extra)
    let h2 = mix(this.hash2, extra ^ 0x1b873593)
    for (const thread of this.threads) {
      const flags = (thread.isOver ? 1 : 0) | (thread.isNotified ? 2 : 0) | (thread.woken.length << 2)
      h1 = mix(mix(mix(h1, thread.isOver ? 0 : thread.seen1), flags), thread.logged)
      h2 = mix(mix(mix(h2, thread.isOver ? 0 : thread.seen2), flags), thread.logged)
    }
    for (const { thread, onWake, index } of this.#waiters) {
      const waiter = (index << 5) | (thread.id << 1) | (onWake === undefined ? 1 : 0)
      h1 = mix(h1, waiter)
      h2 = mix(h2, waiter)
    }
    if (this.tellsWriters) {
      for (const { clock } of this.threads) {
        for (const time of clock) {
          h1 = mix(h1, time)
          h2 = mix(h2, time)
        }
      }
      for (let i = 0; i < ALL_WORDS; i++) {
        const at = i * THREADS_MAX
        for (let thread = 0; thread < this.threads.length; thread++) {
          if (this.#released[at + thread] === 0 && this.#readTime[at + thread] === 0) continue
          h1 ^= mix(mix(at + thread, this.#released[at + thread]!), this.#readTime[at + thread]!)
          h2 ^= mix(mix(at + thread + 0x51ed, this.#released[at + thread]!), this.#readTime[at + thread]!)
        }
        if (this.#writer[i]! < 0) continue
        h1 ^= mix(mix(i, this.#writer[i]!), this.#writeTime[i]!)
        h2 ^= mix(mix(i + 0x9e37, this.#writer[i]!), this.#writeTime[i]!)
      }
    }
    return (h1 >>> 0) * 0x20_0000 + (h2 >>> 11)
  }

  /** What the transformed code calls before each operation. */
  readonly operations = {
    load: (view: View, at: number) => this.#plan(LOAD, view.base + at),
    store: (view: View, at: number, value: number) => this.#plan(STORE, view.base + at, value | 0),
    compareExchange: (view: View, at: number, expected: number, value: number) => this.#plan(CAS, view.base + at, expected | 0, value | 0),
    exchange: (view: View, at: number, value: number) => this.#plan(EXCHANGE, view.base + at, value | 0),
    add: (view: View, at: number, value: number) => this.#plan(ADD, view.base + at, value | 0),
    or: (view: View, at: number, value: number) => this.#plan(OR, view.base + at, value | 0),
    notify: (view: View, at: number, count = Number.POSITIVE_INFINITY) => this.#plan(NOTIFY, view.base + at, count),
    waitAsync: (view: View, at: number, expected: number) => this.#plan(WAIT_ASYNC, view.base + at, expected),
    wait: (view: View, at: number, expected: number) => this.#plan(WAIT_SYNC, view.base + at, expected),
    byteLength: (memory: Memory | { readonly byteLength: number }) => {
      if (!(memory instanceof Memory)) throw new ModelError('the size of something that is not shared')
      this.current.memory = memory
      return this.#plan(LOAD, SIZE_WORD)
    },
    grow: (memory: Memory, bytes: number) => {
      this.current.memory = memory
      return this.#plan(GROW, SIZE_WORD, bytes)
    },
    end: () => this.#plan(END, STATUS_WORDS + this.current.id, FINISHED),
    signal: (signal: number) => this.#plan(STORE, SIGNAL_WORDS + signal, 1),
    untilSignal: (signal: number) => this.#plan(UNTIL, SIGNAL_WORDS + signal),
    untilOver: (name: string) => this.#plan(UNTIL, STATUS_WORDS + this.threads.findIndex((thread) => thread.name === name)),
    /**
     * From here on, what a thread does depends on these values only, however it came to them. They must be all that it
     * remembers: a variable that is forgotten here makes the search skip states.
     */
    remember: (...values: unknown[]) => {
      const { current } = this
      current.kind = NOTHING
      if (this.isReplaying) return false
      const seen = new Map<object, number>()
      current.seen1 = current.seen2 = 0
      for (const value of values) this.#digest(value, seen)
      return false
    },
    log: (...values: number[]) => {
      const { current } = this
      for (const value of values) {
        current.log.push(value)
        current.logged = mix(current.logged, value)
      }
      current.kind = NOTHING
      return false
    },
    sleep: () => this.#plan(SLEEP, 0),
    blocked: () => this.#plan(BLOCKED, 0),
    finish: () => this.#finishOperation(),
  }

  #digest(value: unknown, seen: Map<object, number>): void {
    if (typeof value === 'number') return this.#see(value, 0)
    if (typeof value === 'string') return this.#see(value.length, 0)
    if (typeof value !== 'object' || value === null) return this.#see(value === true ? 2 : typeof value === 'function' ? 1 : 0, 0)
    const known = seen.get(value)
    if (known !== undefined) return this.#see(known, 0)
    seen.set(value, seen.size + 10)
    if (value instanceof View) {
      this.#see(value.base, 0)
      return this.#see(value.length, 0)
    }
    if (value instanceof Memory) return
    const parts: unknown[] = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value)
    this.#see(parts.length, 0)
    for (const one of parts) this.#digest(one, seen)
  }

  #finishOperation(): unknown {
    const { current } = this
    const { kind, index, a } = current
    if (kind === NOTHING) return undefined
    if (kind === SLEEP) {
      const { woken } = current
      current.woken = []
      this.#see(woken.length, 0)
      for (const onWake of woken) onWake()
      current.isInterrupted = current.isNotified = false
      return undefined
    }
    if (kind === BLOCKED) {
      this.#see(current.isInterrupted ? 1 : 0, 0)
      current.isInterrupted = current.isNotified = false
      this.#waiters = this.#waiters.filter(({ thread, onWake }) => thread !== current || onWake !== undefined)
      return undefined
    }
    if (++this.#operationsInRow > OPERATIONS_MAX) throw new ModelError(`${current.name} goes on for ever`)
    const before = this.#perform()
    if (kind === ADD || kind === OR) return before
    if (kind === WAIT_ASYNC) return this.#waitAsync(current, index, before === a)
    if (kind === WAIT_SYNC) {
      if (before === a) this.#waiters.push({ thread: current, onWake: undefined, index })
      return before === a
    }
    if (kind === UNTIL) return before === DEAD
    return before
  }

  #waitAsync(thread: Thread, index: number, isEqual: boolean): unknown {
    if (!isEqual) return { async: false, value: 'not-equal' }
    const onWake: (() => void)[] = []
    this.#waiters.push({ thread, onWake, index })
    // It stands for a promise, of which only this is used.
    return { async: true, value: { then: (task: () => void) => onWake.push(task) } }
  }

  /** The global names that the transformed code sees instead of the real ones. */
  globals(): Record<string, unknown> {
    const machine = this
    const viewOf = (isBytes: boolean, real: typeof Int32Array | typeof Uint8Array) => {
      function view(memory: unknown, byteOffset: number, length: number): unknown {
        if (!(memory instanceof Memory)) return new real(memory as number)
        const size = isBytes ? 1 : 4
        if (byteOffset + length * size > machine.words[SIZE_WORD]!) throw new ModelError('a view beyond the memory')
        return new View(machine, byteOffset / size, length, isBytes)
      }
      return Object.assign(view, { from: real.from.bind(real) })
    }
    return {
      $op: this.operations,
      $get: (from: unknown, at: number) =>
        from instanceof View ? machine.getPlain(from, at) : from == null ? undefined : (from as number[])[at],
      $set: (to: unknown, at: number, value: number) => {
        if (to instanceof View) machine.setPlain(to, at, value)
        else (to as number[])[at] = value
        return value
      },
      Int32Array: viewOf(false, Int32Array),
      Uint8Array: viewOf(true, Uint8Array),
      SharedArrayBuffer: function shared(bytes: number, options: { readonly maxByteLength: number }) {
        machine.#put(SIZE_WORD, bytes)
        return new Memory(bytes, options)
      },
    }
  }
}

/** Whether the next operations of two threads have the same effect in both orders. */
export function isIndependent(one: Thread, other: Thread): boolean {
  if (one.kind >= SLEEP || other.kind >= SLEEP) return false
  return one.index !== other.index || (isRead(one.kind) && isRead(other.kind))
}

export function mayBeDeferred(thread: Thread): boolean {
  return thread.kind < SLEEP
}

function isRead(kind: number): boolean {
  return kind === LOAD || kind === UNTIL
}

function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x85eb_ca6b)
  h ^= h >>> 13
  h = Math.imul(h + value, 0xc2b2_ae35)
  return h ^ (h >>> 16)
}
