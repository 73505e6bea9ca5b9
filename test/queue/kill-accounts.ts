import {
  ASIDE,
  CANCELS,
  HANDLED,
  INCARNATIONS_MAX,
  LAST,
  laneNumber,
  NOTED,
  OUT_OF_ORDER,
  reportFault,
  SLEEPY,
  type Stamp,
  TORN,
} from './kill-parts.ts'

/** Incarnations of a sender of which there may be something in a lane. */
const IN_LANE_MAX = 8

// Which records have come to their end, in what order, and of which that cannot be said. Kept in shared memory: it must hold across all deaths.

export type RecordName = Pick<Stamp, 'incarnation' | 'n'>

/** A record has come to its end, by a handler or as a dead letter; or it is set aside. `attempt`: so often it was begun before. */
export function noteHandled(
  facts: Int32Array,
  sender: number,
  receiver: number,
  generation: number,
  { incarnation, n, isWhole }: Stamp,
  attempt = 0,
): void {
  if (!isWhole) return reportFault(facts, TORN, sender, incarnation, n)
  const number = laneNumber(sender, receiver)
  const last = LAST + number * 4
  // It was set aside, and is told of at the end of its address.
  if (forget(facts, number, { incarnation, n })) return
  const isSame = incarnation === facts[last]
  // It was begun before, and is begun again; that count is lost where it was cancelled meanwhile.
  if (isSame && n === facts[last + 1] && (attempt > 0 || isNoted(facts, CANCELS, number, { incarnation, n }))) return
  const isNext = isSame
    ? follows(facts, number, incarnation, facts[last + 1]!, n)
    : incarnation > facts[last]! && follows(facts, number, incarnation, 0, n)
  // Replies are not swept: those that an address had not taken before its end are nobody's.
  const mayBeLater = receiver === SLEEPY && facts[last + 3] !== generation
  if (!isNext && !(mayBeLater && (isSame ? n > facts[last + 1]! : incarnation > facts[last]!)))
    reportFault(facts, OUT_OF_ORDER, sender, incarnation, n, facts[last]!, facts[last + 1]!)
  setHandled(facts, number, incarnation, n)
  Atomics.add(facts, last + 2, 1)
  facts[last + 3] = generation
}

/** Its handler had said so, or had not come to it: for whoever comes next it is over (G5). */
export function noteBegun(facts: Int32Array, sender: number, receiver: number, { incarnation, n, isWhole }: Stamp): void {
  if (!isWhole) return reportFault(facts, TORN, sender, incarnation, n)
  const number = laneNumber(sender, receiver)
  if (!forget(facts, number, { incarnation, n })) setHandled(facts, number, incarnation, n)
}

/** Between two that follow each other there are none but those that were cancelled. */
function follows(facts: Int32Array, number: number, incarnation: number, from: number, to: number): boolean {
  for (let n = from + 1; n < to; n++) if (!isNoted(facts, CANCELS, number, { incarnation, n })) return false
  return to > from
}

/** Nobody is told of what was cancelled before it was handled: that is over, too. `now`: the incarnation of its sender. */
export function passCancelled(facts: Int32Array, number: number, now: number): void {
  for (let incarnation = Math.max(1, now - IN_LANE_MAX); incarnation <= now; incarnation++) {
    const handled = HANDLED + number * INCARNATIONS_MAX + incarnation
    while (isNoted(facts, CANCELS, number, { incarnation, n: facts[handled]! + 1 })) facts[handled]!++
  }
}

/** `what`: ASIDE or CANCELS. False: another is noted in its place, and it cannot be. */
export function note(facts: Int32Array, what: number, number: number, { incarnation, n }: RecordName): boolean {
  const [at, word] = [what + number * NOTED + (n % NOTED), wordOf(incarnation, n)]
  if (what === ASIDE ? facts[at] !== 0 : facts[at]! > word) return false
  Atomics.store(facts, at, word)
  return true
}

export function isNoted(facts: Int32Array, what: number, number: number, { incarnation, n }: RecordName): boolean {
  return Atomics.load(facts, what + number * NOTED + (n % NOTED)) === wordOf(incarnation, n)
}

/** It is set aside no more. False: it was not. */
export function forget(facts: Int32Array, number: number, { incarnation, n }: RecordName): boolean {
  const at = ASIDE + number * NOTED + (n % NOTED)
  return Atomics.compareExchange(facts, at, wordOf(incarnation, n), 0) === wordOf(incarnation, n)
}

/** At the end of an address: how many were set aside there, and nobody was told of; but for those that were cancelled. */
export function forgetAll(facts: Int32Array, number: number): number {
  let untold = 0
  for (let i = number * NOTED; i < (number + 1) * NOTED; i++) {
    if (facts[ASIDE + i] !== 0 && facts[ASIDE + i] !== facts[CANCELS + i]) untold++
    facts[ASIDE + i] = 0
  }
  return untold
}

function setHandled(facts: Int32Array, number: number, incarnation: number, n: number): void {
  Atomics.store(facts, HANDLED + number * INCARNATIONS_MAX + incarnation, n)
  facts[LAST + number * 4 + 1] = n
  facts[LAST + number * 4] = incarnation
}

function wordOf(incarnation: number, n: number): number {
  return incarnation * 2 ** 17 + n
}
