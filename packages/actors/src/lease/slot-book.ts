import type { Guest } from '../guest-book.ts'

/** Somebody who waits for a slot. */
export interface Waiter {
  readonly guest: Guest
  readonly ticket: number
}

export interface Slot {
  readonly index: number
  holder: Waiter | undefined
  /** In whose isolate its resource lies idle, or is used. */
  home: Guest | undefined
  /** It was granted where no resource lay. */
  isNew: boolean
  /** Its home was asked to give it up. */
  isRecalled: boolean
  usedMs: number
}

export interface SlotBookPorts {
  granted(waiter: Waiter, slot: Slot): void
  /** Asks the home of an idle resource to destroy it, so that another isolate may make one: see `vacated`. */
  recall(guest: Guest, slot: Slot): void
  nowMs(): number
}

/**
 * Who holds which of so many slots, and who waits for one: first come, first served. It decides, and does nothing itself.
 * A slot is granted where its resource is, else where there is none; when all idle ones are elsewhere, one of those is recalled.
 */
export class SlotBook {
  readonly slots: readonly Slot[]
  readonly #ports: SlotBookPorts
  readonly #waiting: Waiter[] = []
  /** What each guest holds, by its tickets: numbers, since a text for each borrow would cost more than the borrow. */
  readonly #heldBy = new Map<Guest, Map<number, Slot>>()
  #held = 0
  /** Nobody is granted anything before: those who held something before this incarnation may still say so. */
  isOpen = true

  constructor(size: number, ports: SlotBookPorts) {
    this.#ports = ports
    this.slots = Array.from({ length: size }, (_, index) => ({
      index,
      holder: undefined,
      home: undefined,
      isNew: false,
      isRecalled: false,
      usedMs: 0,
    }))
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get held(): number {
    return this.#held
  }

  /** The slot at once; or undefined, and `granted` is called when there is one. Asking again changes nothing. */
  borrow(waiter: Waiter): Slot | undefined {
    const held = this.#heldWith(waiter)
    if (held !== undefined) return held
    if (this.#waiting.some((other) => isSame(other, waiter))) return undefined
    const slot = this.isOpen && this.#waiting.length === 0 ? this.#freeFor(waiter.guest) : undefined
    if (slot === undefined) {
      this.#waiting.push(waiter)
      this.serve()
      return undefined
    }
    this.#grant(waiter, slot)
    return slot
  }

  /** Gives back what that ticket got, or ends its wait. `isGone`: its resource is there no more. */
  giveBack(waiter: Waiter, isGone: boolean): void {
    const slot = this.#heldWith(waiter)
    if (slot === undefined) this.#forget((other) => isSame(other, waiter))
    else this.#free(slot, isGone)
    this.serve()
  }

  /** The same for who has not heard of what it got: no resource was made, and one that lay there lies there still. */
  giveUp(waiter: Waiter): void {
    this.giveBack(waiter, this.#heldWith(waiter)?.isNew === true)
  }

  /** The resource of a slot that lay idle there is there no more. */
  vacated(guest: Guest, index: number): void {
    const slot = this.slots[index]
    if (slot === undefined || slot.home !== guest) return
    slot.isRecalled = false
    if (slot.holder === undefined) slot.home = undefined
    this.serve()
  }

  /** It says that it has held this slot since before this incarnation. False: somebody else does. */
  claim(waiter: Waiter | undefined, guest: Guest, index: number): boolean {
    const slot = this.slots[index]
    if (slot === undefined || slot.holder !== undefined || (slot.home !== undefined && slot.home !== guest)) return false
    slot.home = guest
    if (waiter !== undefined) this.#grant(waiter, slot)
    return true
  }

  /** A guest has died: with it went its resources. */
  left(guest: Guest): void {
    this.#forget((waiter) => waiter.guest === guest)
    for (const slot of this.slots) {
      if (slot.holder?.guest === guest) this.#free(slot, true)
      if (slot.home === guest) {
        slot.home = undefined
        slot.isRecalled = false
      }
    }
    this.#heldBy.delete(guest)
    this.serve()
  }

  /** Grants what can be granted, in order, and recalls what those in front wait for. */
  serve(): void {
    if (!this.isOpen || this.#waiting.length === 0) return
    for (let slot = this.#next(); slot !== undefined; slot = this.#next()) {
      const waiter = this.#waiting.shift()!
      this.#grant(waiter, slot)
      this.#ports.granted(waiter, slot)
    }
    const recalled = this.slots.filter(({ isRecalled }) => isRecalled).length
    const idle = this.slots.filter(({ holder, home, isRecalled }) => holder === undefined && home !== undefined && !isRecalled)
    const oldest = idle.sort((a, b) => a.usedMs - b.usedMs).slice(0, Math.max(0, this.#waiting.length - recalled))
    for (const slot of oldest) {
      slot.isRecalled = true
      this.#ports.recall(slot.home!, slot)
    }
  }

  #heldWith({ guest, ticket }: Waiter): Slot | undefined {
    return this.#heldBy.get(guest)?.get(ticket)
  }

  #next(): Slot | undefined {
    const first = this.#waiting[0]
    return first && this.#freeFor(first.guest)
  }

  #freeFor(guest: Guest): Slot | undefined {
    let empty: Slot | undefined
    for (const slot of this.slots) {
      if (slot.holder !== undefined) continue
      if (slot.home === guest && !slot.isRecalled) return slot
      if (slot.home === undefined) empty ??= slot
    }
    return empty
  }

  #grant(waiter: Waiter, slot: Slot): void {
    slot.isNew = slot.home === undefined
    slot.holder = waiter
    slot.home = waiter.guest
    this.#held++
    const { guest, ticket } = waiter
    const held = this.#heldBy.get(guest)
    if (held === undefined) this.#heldBy.set(guest, new Map([[ticket, slot]]))
    else held.set(ticket, slot)
  }

  #free(slot: Slot, isGone: boolean): void {
    const { guest, ticket } = slot.holder!
    this.#heldBy.get(guest)!.delete(ticket)
    this.#held--
    slot.holder = undefined
    slot.usedMs = this.#ports.nowMs()
    if (isGone) slot.home = undefined
  }

  #forget(which: (waiter: Waiter) => boolean): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) if (which(this.#waiting[i]!)) this.#waiting.splice(i, 1)
  }
}

function isSame(a: Waiter, b: Waiter): boolean {
  return a.guest === b.guest && a.ticket === b.ticket
}
