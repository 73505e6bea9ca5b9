import { NO_NAME } from '../queue/names.ts'
import type { Serving } from '../ref/serving.ts'
import type { Call } from './call.ts'
import type { Method } from './method-table.ts'
import { NO_SLOT, type Slots } from './slots.ts'

/** What of an actor is at work and has been set aside, so that other messages may be begun; and whether they may. */
export class AtWork {
  readonly slots: Slots | undefined
  readonly #serving: Serving
  /** Calls that run, and are set aside. */
  count = 0
  /** False: no slot is free, or the actor stops after what is begun. */
  takesMessages = true
  /** Shown when nothing keeps the next message waiting: the method that was set aside last, as long as any of them runs. */
  idleShown = NO_NAME
  #isStopping = false

  /** `slots`: undefined where one message at a time is at work. */
  constructor(slots: Slots | undefined, serving: Serving) {
    this.slots = slots
    this.#serving = serving
  }

  begin(call: Call): void {
    call.slot = this.slots!.take()
    this.#serving.beginSlot(call.slot, call.asker())
  }

  /** Whether others may be begun while this one awaits. */
  letsOthersIn(method: Method): boolean {
    return this.slots !== undefined && (this.slots.count > 1 || this.slots.isReentrant(method))
  }

  setAside(call: Call, method: Method, shown: number): void {
    this.count++
    this.idleShown = shown
    if (this.slots!.isReentrant(method)) this.leave(call)
    this.#look()
  }

  /** One that was set aside runs no more. */
  ended(): void {
    if (--this.count === 0) this.idleShown = NO_NAME
    this.#look()
  }

  /** Others may have its place. */
  leave(call: Call): void {
    if (call.slot === NO_SLOT) return
    this.#serving.endSlot(call.slot)
    this.slots!.free(call.slot)
    call.slot = NO_SLOT
    this.#look()
  }

  /** `isStopping`: it stops after what is begun. */
  stop(isStopping: boolean): void {
    this.#isStopping = isStopping
    this.#look()
  }

  #look(): void {
    this.takesMessages = this.slots?.areTaken !== true && !(this.#isStopping && this.count > 0)
  }
}
