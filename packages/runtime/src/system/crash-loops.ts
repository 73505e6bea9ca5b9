/** Who lives so long between two failures is in no loop. */
const QUIET_MS = 10_000
/** From so many restarts in a row on it is a loop; after that each tenfold is told. */
const FIRST_TOLD = 10

interface Loop {
  restarts: number
  sinceMs: number
  lastMs: number
  nextTold: number
}

export interface LoopNews {
  readonly restarts: number
  readonly withinMs: number
}

/** Children that fail again and again: a loop of a thousand restarts is told three times, and not a thousand. */
export class CrashLoops {
  readonly #loops = new Map<string, Loop>()

  /** A child is to be restarted; what there is to tell about it, if anything. */
  note(path: string, nowMs: number): LoopNews | undefined {
    const known = this.#loops.get(path)
    const isQuiet = known === undefined || nowMs - known.lastMs >= QUIET_MS
    const loop = isQuiet ? { restarts: 0, sinceMs: nowMs, lastMs: nowMs, nextTold: FIRST_TOLD } : known
    this.#loops.set(path, loop)
    loop.restarts++
    loop.lastMs = nowMs
    if (loop.restarts < loop.nextTold) return undefined
    loop.nextTold *= 10
    return { restarts: loop.restarts, withinMs: Math.ceil(nowMs - loop.sinceMs) }
  }

  /** The child is gone. */
  forget(path: string): void {
    this.#loops.delete(path)
  }
}
