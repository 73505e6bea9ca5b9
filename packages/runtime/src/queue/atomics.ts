/**
 * The one seam to atomic memory: all shared words are read and written through these functions, so that the model checker
 * of the tests can stand in for them (test/model). JavaScript's atomics are sequentially consistent, and V8 inlines these.
 */
export function load(words: Int32Array, index: number): number {
  return Atomics.load(words, index)
}

export function store(words: Int32Array, index: number, value: number): void {
  Atomics.store(words, index, value)
}

/**
 * For what others may see late, but not later than the next thing that this thread stores or swaps: whoever sees that sees this.
 * And after its death all is seen. Not atomic: it waits for no cache line, where `store` waits for those of everything before it,
 * and two of those in a message cost a third of it. The engine may not move it past a call of code that it does not know.
 */
export function show(words: Int32Array, index: number, value: number): void {
  words[index] = value
}

/** For what was there before this thread could ask for it. Not atomic: `load` calls a built-in. */
export function look(words: Int32Array, index: number): number {
  return words[index]!
}

/** Returns what was there: equal to `expected` means that it was replaced. */
export function compareExchange(words: Int32Array, index: number, expected: number, value: number): number {
  return Atomics.compareExchange(words, index, expected, value)
}

export function exchange(words: Int32Array, index: number, value: number): number {
  return Atomics.exchange(words, index, value)
}

export function add(words: Int32Array, index: number, value: number): number {
  return Atomics.add(words, index, value)
}

export function or(words: Int32Array, index: number, bits: number): number {
  return Atomics.or(words, index, bits)
}

/** Notifies all: a waiter that is being torn down swallows a single notification (D3). */
export function notifyAll(words: Int32Array, index: number): void {
  Atomics.notify(words, index)
}

/**
 * No time-out is ever passed: one that is not reached accumulates memory (D3). Returns undefined when the word has
 * already moved on from `expected`.
 */
export function waitAsync(words: Int32Array, index: number, expected: number): Promise<unknown> | undefined {
  const wait = Atomics.waitAsync(words, index, expected)
  return wait.async ? wait.value : undefined
}

/** Blocks this thread. Returns when notified, when the word differs from `expected`, or after `timeoutMs`. */
export function waitSync(words: Int32Array, index: number, expected: number, timeoutMs: number): void {
  Atomics.wait(words, index, expected, timeoutMs)
}

const IDLE_ROUNDS = 64
/** A hint to the processor that this thread waits: the other half of its core has more of it (since Node 24). */
export const pause: () => void = (Atomics as { pause?: () => void }).pause ?? idle

/** Before Node 24: about as long, without the hint. */
function idle(): void {
  for (let i = 0; i < IDLE_ROUNDS; i++);
}
