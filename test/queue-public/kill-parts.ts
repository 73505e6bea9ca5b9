import type { QueueHandle } from '../../packages/runtime/src/mailbox/queue-options.ts'

/** What the threads of the kill test share. */
export interface KillBoot {
  readonly handle: QueueHandle
  readonly facts: Int32Array
  readonly role: 'producer' | 'consumer'
  readonly isSync: boolean
  /** From 0 on, each used once; for producers and for consumers. */
  readonly incarnation: number
}

export const INCARNATIONS_MAX = 2_048
/** What a thread found wrong; 0: nothing. */
export const FAULT = 0
/** Per producer: how many puts have returned. */
export const SENT = 16
/** Per consumer: how many items its log has. */
export const LOGGED = SENT + INCARNATIONS_MAX
export const LOGS = LOGGED + INCARNATIONS_MAX
/** A consumer whose log is full takes no more. */
export const LOG_MAX = 12_000

export function factsFor(consumers: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer((LOGS + consumers * LOG_MAX) * 4))
}

export interface Item {
  readonly from: number
  readonly n: number
  readonly bytes: Uint8Array
}

/** Sizes that go around the ring, and now and then more than half of it. */
export function itemOf(from: number, n: number): Item {
  const dice = Math.imul(from * 31 + n, 0x9e37_79b1) >>> 0
  const bytes = new Uint8Array(dice % 97 === 0 ? 9_000 + (dice % 4_000) : dice % 11 === 0 ? dice % 2_048 : dice % 100)
  for (let i = 0; i < bytes.length; i++) bytes[i] = n + from * 3 + i * 5
  return { from, n, bytes }
}

export function isWhole({ from, n, bytes }: Item): boolean {
  const expected = itemOf(from, n).bytes
  return expected.length === bytes.length && expected.every((byte, i) => byte === bytes[i])
}

/** `from` and `n` in one word. */
export const N_BITS = 18
