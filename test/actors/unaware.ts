import { Actor, type ActorRef } from '@troupe/runtime'
import type { Carrying } from './carrying.ts'

/** Knows nothing of tenants: what came with a message goes on with what it asks. */
export class Unaware extends Actor {
  static readonly module = import.meta.url

  async seenBy(other: ActorRef<Carrying>): Promise<unknown> {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return other.ask.seen()
  }
}
