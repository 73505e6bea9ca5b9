import { Actor, type ActorRef } from '@troupe/runtime'
import type { Gate } from './gate.ts'
import type { Victim } from './victim.ts'

/** Sends faster than anybody can handle it. */
export class Flooder extends Actor {
  static readonly module = import.meta.url

  /** After a message that holds it at the gate. Returns how many were accepted. */
  flood(victim: ActorRef<Victim>, gate: ActorRef<Gate>, count: number): number {
    victim.tell.hold(gate)
    let accepted = 0
    for (let i = 0; i < count; i++) if (victim.tell.note(i)) accepted++
    return accepted
  }
}
