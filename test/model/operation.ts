/** What a thread can stand before: an atomic operation, or something of the model that only looks like one. */
export const LOAD = 0
/** A store that others may see late (`show` in atomics.ts). */
export const SHOW = 1
export const STORE = 2
export const CAS = 3
export const EXCHANGE = 4
export const ADD = 5
export const OR = 6
export const NOTIFY = 7
export const WAIT_ASYNC = 8
export const WAIT_SYNC = 9
export const GROW = 10
export const END = 11
/** Blocked until a word of the model has a value. */
export const UNTIL = 12
/** Blocked until one of this thread's asynchronous waits was notified. */
export const SLEEP = 13
/** Blocked in a synchronous wait. */
export const BLOCKED = 14
export const NOTHING = 15

export const KINDS = 'load show store compareExchange exchange add or notify waitAsync wait grow end until sleep blocked nothing'.split(' ')

export interface Operation {
  readonly kind: number
  readonly index: number
  /** Words that it lets others see, before its own. */
  readonly shown: ReadonlyMap<number, number>
}

export function isRead(kind: number): boolean {
  return kind === LOAD || kind === UNTIL
}

/** Whether the thread learns nothing from what was there before. */
export function isBlind(kind: number): boolean {
  return kind === SHOW || kind === STORE || kind === ADD || kind === OR || kind === NOTIFY || kind === END
}

/** Whether two operations have the same effect in both orders. */
export function isIndependent(one: Operation, other: Operation): boolean {
  if (one.kind >= SLEEP || other.kind >= SLEEP) return false
  if (isRead(one.kind) && isRead(other.kind)) return true
  return one.index !== other.index && !doesShow(one, other) && !doesShow(other, one)
}

/** Whether one of them lets others see a word that the other one uses. */
function doesShow({ kind, shown }: Operation, other: Operation): boolean {
  if (isRead(kind) || shown.size === 0) return false
  return shown.has(other.index) || (!isRead(other.kind) && [...other.shown.keys()].some((index) => shown.has(index)))
}

export function mayBeDeferred({ kind }: Operation): boolean {
  return kind < SLEEP
}
