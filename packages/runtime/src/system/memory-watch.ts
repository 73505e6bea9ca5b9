import { SCAN_MS } from '../base/limits.ts'
import type { ActorLife } from './actor-life.ts'

/** Each answer interrupts the isolate: so not at every scan. */
const SCANS_PER_LOOK = Math.ceil(300 / SCAN_MS)

/**
 * Ends isolates that use more memory than their spec allows: heap and what lies outside of it (buffers), which no limit of a
 * worker counts. It is a look from time to time: what grows faster than that, and anything that V8 gives up at, is not held.
 */
export class MemoryWatch {
  readonly #asked = new Set<ActorLife>()
  #scans = 0

  /** Called every SCAN_MS, with all that live. */
  scan(lives: Iterable<ActorLife>): void {
    if (++this.#scans % SCANS_PER_LOOK !== 0) return
    for (const life of lives) {
      const { memoryBytesMax } = life.spec
      if (memoryBytesMax !== Number.POSITIVE_INFINITY && !this.#asked.has(life)) void this.#look(life, memoryBytesMax)
    }
  }

  async #look(life: ActorLife, bytesMax: number): Promise<void> {
    const { incarnation } = life
    this.#asked.add(life)
    const memory = (await life.isolate?.measure?.())?.memory
    const bytes = memory && memory.heapBytes + memory.externalBytes
    this.#asked.delete(life)
    if (bytes === undefined || bytes <= bytesMax || life.incarnation !== incarnation) return
    await life.kill({ kind: 'outOfMemory', detail: `it used ${bytes} bytes of memory, and may use ${bytesMax} (memoryBytesMax)` })
  }
}
