import { setTimeout as delay } from 'node:timers/promises'
import { Actor, type ActorRef } from '@troupe/runtime'

/** Lets a test see that a handler was begun, and say when it may go on. */
export class Gate extends Actor {
  static readonly module = import.meta.url
  #arrived = 0
  #isOpen = false

  arrive(): void {
    this.#arrived++
  }

  arrived(): number {
    return this.#arrived
  }

  open(): void {
    this.#isOpen = true
  }

  isOpen(): boolean {
    return this.#isOpen
  }
}

/** For handlers and hooks: says that it is there, and ends when the gate is open. */
export async function passGate(gate: ActorRef<Gate>): Promise<void> {
  gate.tell.arrive()
  while (!(await gate.ask({ timeoutMs: Number.POSITIVE_INFINITY }).isOpen())) await delay(1)
}
