import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'

/** Sends faster than anybody can handle it. */
export class Flooder extends Actor {
  static readonly module = import.meta.url

  /** After a message that holds it at the gate. Returns how many were accepted. */
  flood(flooded: ActorRef<Flooded>, gate: ActorRef<Gate>, count: number): number {
    flooded.tell.hold(gate)
    let accepted = 0
    for (let i = 0; i < count; i++) if (flooded.tell.take()) accepted++
    return accepted
  }
}

export class Flooded extends Actor {
  static readonly module = import.meta.url
  #taken = 0

  hold(gate: ActorRef<Gate>): Promise<void> {
    return passGate(gate)
  }

  take(): void {
    this.#taken++
  }

  taken(): number {
    return this.#taken
  }
}
