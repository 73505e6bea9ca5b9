import { SCAN_MS } from '../base/limits.ts'
import { limitedMb, MIB } from '../supervisor/actor-limits.ts'
import type { ActorLife } from './actor-life.ts'
import type { Inspector } from './inspection.ts'

/** Each answer interrupts the isolate: so not at every scan. */
const SCANS_PER_LOOK = Math.ceil(300 / SCAN_MS)

export interface MemoryPorts {
  readonly inspector: Inspector
  /** What the process may use; a container's limit counts. */
  readonly processBytes: number
  warn(text: string): void
}

/**
 * Ends isolates that use more memory than their limits allow, of heap, or of what lies outside of it (buffers), which no limit
 * of a worker counts. It is a look from time to time: what grows faster than that, and anything that V8 gives up at, is not held.
 */
export class MemoryWatch {
  readonly #ports: MemoryPorts
  readonly #asked = new Set<ActorLife>()
  #scans = 0
  #hasWarned = false

  constructor(ports: MemoryPorts) {
    this.#ports = ports
  }

  /** Called every SCAN_MS, with all that live. Returns whether one of them has limits. */
  scan(lives: Iterable<ActorLife>): boolean {
    const isLook = ++this.#scans % SCANS_PER_LOOK === 0
    let isWatched = false
    for (const life of lives) {
      if (limitedMb(life.spec.limits) === 0) continue
      isWatched = true
      if (isLook && !this.#asked.has(life)) void this.#look(life)
    }
    return isWatched
  }

  /**
   * Called when an address has come, with all that live: together their limits should fit into what the process may use. Said
   * once, until they do again.
   */
  compare(lives: Iterable<ActorLife>): void {
    const limited = [...lives].map(({ spec }) => limitedMb(spec.limits)).filter((mb) => mb > 0)
    const sumMb = limited.reduce((sum, mb) => sum + mb, 0)
    const isTooMuch = sumMb * MIB > this.#ports.processBytes
    if (isTooMuch && !this.#hasWarned) {
      this.#ports.warn(
        `the limits of ${limited.length} actors add up to ${Math.round(sumMb)} MiB, and the process may use ${Math.round(this.#ports.processBytes / MIB)} MiB: it can be ended before any of them is reached. Lower limits.heapMb and limits.externalMb, or give the container more.`,
      )
    }
    this.#hasWarned = isTooMuch
  }

  async #look(life: ActorLife): Promise<void> {
    const { incarnation } = life
    const { heapMb, externalMb } = life.spec.limits
    this.#asked.add(life)
    const { heapBytes = 0, externalBytes = 0, method = '' } = await this.#ports.inspector.inspectOne(life)
    this.#asked.delete(life)
    if (life.incarnation !== incarnation) return
    const isHeap = heapBytes > heapMb * MIB
    if (!isHeap && externalBytes <= externalMb * MIB) return
    const [used, limit] = isHeap
      ? [`heap of ${mib(heapBytes)}`, `heapMb: ${heapMb}`]
      : [`${mib(externalBytes)} outside of its heap`, `externalMb: ${externalMb}`]
    await life.kill({ kind: 'outOfMemory', detail: `${used}, limits { ${limit} }`, method, heapBytes, externalBytes })
  }
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`
}
