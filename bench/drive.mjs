// How messages are sent in every row about throughput, and how round trips are timed, so that the rows differ only in the way of a message.

/** Messages between two questions how far the receiver is. Two windows are on their way: no mailbox overflows, nobody runs dry. */
const WINDOW = 2_048
const ITEMS_PER_LOOK = 256
const SAMPLES_MAX = 2_000_000

/** Sends five-field objects for `ms`, until the last is handled. */
export async function drive(send, state, ms) {
  let sent = 0
  let sum = 0
  let windowBefore
  const startedMs = performance.now()
  while (performance.now() - startedMs < ms) {
    for (let i = 0; i < WINDOW; i++, sent++) {
      send({ id: sent, name: 'reading', value: sent / 2, unit: 'ms', isLast: false })
      sum += sent
    }
    const window = state()
    await windowBefore
    windowBefore = window
  }
  await windowBefore
  return { sent, sum, elapsedMs: performance.now() - startedMs }
}

/** Puts five-field objects for `ms`, until the last is taken. The clock is looked at seldom. */
export async function driveQueue(to, ms) {
  let sent = 0
  let sum = 0
  const startedMs = performance.now()
  do {
    for (let i = 0; i < ITEMS_PER_LOOK; i++, sent++) {
      sum += sent
      const accepted = to.put({ id: sent, name: 'reading', value: sent / 2, unit: 'ms', isLast: false })
      if (accepted !== undefined) await accepted
    }
  } while (performance.now() - startedMs < ms)
  const taken = await to.end()
  return { sent, sum, taken, elapsedMs: performance.now() - startedMs }
}

/** One call after another for `ms`, each answer checked. */
export async function timeCalls(call, ms) {
  const times = new Times()
  for (let n = 0; !times.isOver(ms); n++) {
    const before = performance.now()
    const answer = await call(n)
    times.add(performance.now() - before)
    if (answer !== n + 1) throw new Error(`wrong answer: ${answer} to ${n}`)
  }
  return times.summary()
}

/** The same for calls that block. */
export function timeSyncCalls(call, ms) {
  const times = new Times()
  for (let n = 0; !times.isOver(ms); n++) {
    const before = performance.now()
    const answer = call(n)
    times.add(performance.now() - before)
    if (answer !== n + 1) throw new Error(`wrong answer: ${answer} to ${n}`)
  }
  return times.summary()
}

export class Times {
  #startedMs = performance.now()
  #values = new Float64Array(4_096)
  #count = 0

  add(ms) {
    if (this.#count === SAMPLES_MAX) return
    if (this.#count === this.#values.length) {
      const longer = new Float64Array(this.#values.length * 2)
      longer.set(this.#values)
      this.#values = longer
    }
    this.#values[this.#count++] = ms
  }

  isOver(ms) {
    return performance.now() - this.#startedMs >= ms
  }

  summary() {
    const sorted = this.#values.subarray(0, this.#count).sort()
    const at = (part) => sorted[Math.min(this.#count - 1, Math.floor(this.#count * part))] * 1_000
    return { calls: this.#count, p50Micros: at(0.5), p99Micros: at(0.99) }
  }
}
