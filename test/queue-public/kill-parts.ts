import { crc32 } from 'node:zlib'
import type { QueueHandle } from '../../packages/runtime/src/mailbox/queue-options.ts'

/** What the threads that are killed share. */
export interface KillBoot {
  readonly handle: QueueHandle
  readonly facts: Int32Array
  /** A bit for each item of each producer: it was taken. */
  readonly taken: Int32Array
  readonly role: Role
  readonly slot: number
  /** From 0 on, each used once; for producers and for consumers. */
  readonly incarnation: number
}

/** Floods fill their queue and wait for room; trickles put one now and then, so that who takes it sleeps in between. */
export type Role = 'flood' | 'trickle' | 'consumer'

/** A producer that has put so many puts no more. */
export const ITEMS_MAX = 16_384
const ITEM_WORDS = ITEMS_MAX / 32

// ---- facts (words)
/** Never notified: a thread that waits for a moment waits here. */
export const IDLE = 0
/** What a thread found wrong, and where: producer, number. */
export const FAULT = 1
/** Per slot: whether the thread is in a wait. */
export const WAITS = 8
/** Per slot: the items that its threads have taken. */
export const COUNT = 16
/** Per slot: how many incarnations have begun to work. */
export const READY = 24
/** Per producer: how many puts have returned. */
export const SENT = 32

export const FAULTS = ['none', 'an item is torn', 'an item is out of order', 'an item is taken twice', 'a thread failed'] as const
export const TORN = 1
export const OUT_OF_ORDER = 2
export const DOUBLED = 3
export const FAILED = 4

export function factsFor(producers: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer((SENT + producers) * 4))
}

export function takenFor(producers: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(producers * ITEM_WORDS * 4))
}

/** False: it was marked before. */
export function markTaken(taken: Int32Array, { from, n }: Item): boolean {
  const bit = 1 << (n & 31)
  return (Atomics.or(taken, from * ITEM_WORDS + (n >> 5), bit) & bit) === 0
}

export function isTaken(taken: Int32Array, from: number, n: number): boolean {
  return (taken[from * ITEM_WORDS + (n >> 5)]! & (1 << (n & 31))) !== 0
}

export interface Item {
  readonly from: number
  readonly n: number
  readonly sum: number
  readonly bytes: Uint8Array
}

/** Sizes that go around the ring, and now and then more than half of it. */
export function itemOf(from: number, n: number): Item {
  const dice = Math.imul(from * 31 + n, 0x9e37_79b1) >>> 0
  const bytes = new Uint8Array(dice % 97 === 0 ? 9_000 + (dice % 4_000) : dice % 11 === 0 ? dice % 2_048 : dice % 100)
  for (let i = 0; i < bytes.length; i++) bytes[i] = n + from * 3 + i * 5
  return { from, n, sum: sumOf(from, n, bytes), bytes }
}

export function isWhole({ from, n, sum, bytes }: Item): boolean {
  return sum === sumOf(from, n, bytes)
}

function sumOf(from: number, n: number, bytes: Uint8Array): number {
  const start = (from ^ Math.imul(n, 0x9e37_79b1)) >>> 0
  // Node 20 gives one of two sums for no bytes at all.
  return bytes.length === 0 ? start : crc32(bytes, start)
}

export function reportFault(facts: Int32Array, fault: number, from: number, n: number): void {
  if (Atomics.compareExchange(facts, FAULT, 0, fault) !== 0) return
  Atomics.store(facts, FAULT + 1, from)
  Atomics.store(facts, FAULT + 2, n)
}
