import { Actor } from '@troupe/runtime'

/** Never lets go of anything. */
export class Hoarder extends Actor {
  static readonly module = import.meta.url

  /** In small pieces: one growing thing would end the whole process. */
  hoard(): never {
    let hoard: unknown[] = []
    for (;;) hoard = [hoard, 1, 2, 3]
  }

  incarnation(): number {
    return this.context.incarnation
  }
}
