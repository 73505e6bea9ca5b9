import { Actor, type ActorRef } from '@troupe/runtime'
import type { Victim } from './victim.ts'

/** Sends faster than anybody can handle it. */
export class Flooder extends Actor {
  static readonly module = import.meta.url

  /** Returns how many were accepted. */
  flood(victim: ActorRef<Victim>, count: number): number {
    let accepted = 0
    for (let i = 0; i < count; i++) if (victim.tell.note(i)) accepted++
    return accepted
  }
}
