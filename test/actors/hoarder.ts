import { setTimeout as delay } from 'node:timers/promises'
import { runInThisContext } from 'node:vm'
import { Actor } from '@troupe/runtime'

/** Never lets go of anything. */
export class Hoarder extends Actor {
  static readonly module = import.meta.url
  #kept: readonly Uint8Array[] = []

  /** In small pieces: one growing thing would end the whole process. */
  hoard(): never {
    let hoard: unknown[] = []
    for (;;) hoard = [hoard, 1, 2, 3]
  }

  /** On the heap, and then never lets its event loop turn. */
  holdAndSpin(bytes: number): never {
    const held: number[][] = []
    for (let kept = 0; kept < bytes; kept += 8 * 1_000) held.push(new Array<number>(1_000).fill(kept + 0.5))
    for (;;) if (held.length === 0) throw new Error('nothing was held')
  }

  /** Runs a line of JavaScript. */
  run(line: string): void {
    runInThisContext(line)
  }

  /** Outside of the heap, where no limit of a worker counts it. */
  async hoardBuffers(bytes: number, count: number): Promise<number> {
    const buffers: Uint8Array[] = []
    for (let i = 0; i < count; i++) {
      buffers.push(new Uint8Array(bytes).fill(1))
      await delay(5)
    }
    return buffers.length
  }

  /** As long as the actor lives. */
  keepBuffers(bytes: number, count: number): void {
    this.#kept = Array.from({ length: count }, () => new Uint8Array(bytes).fill(1))
  }

  get kept(): number {
    return this.#kept.length
  }

  incarnation(): number {
    return this.context.incarnation
  }
}
