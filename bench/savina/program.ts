// What a program of the suite is, and the few things that most of them need. Isolates load this file, too.
import { type ActorSystem, Queue } from '@troupe/runtime'

export type SizeName = 'smoke' | 'quick' | 'full'

/** How much: of each thing so many. */
export type Size = object

export interface Outcome {
  /** From the first message until the result is there; starting the actors only where that is what the program is about. */
  readonly ms: number
  /** A tell is one, an ask and its reply are two. */
  readonly messages: number
  readonly result: unknown
  /** From a computation that has nothing to do with actors. */
  readonly expected: unknown
}

export interface Program<S extends Size = Size> {
  /** As in the paper. */
  readonly name: string
  /** The paper's size, and its number of actors. */
  readonly paper: string
  /** `smoke` shows that it works, and says nothing about speed. */
  readonly sizes: Readonly<Record<SizeName, S>>
  run(system: ActorSystem, size: S): Promise<Outcome>
}

/** No program takes so long. It only ends one that hangs. */
export const LONG = { timeoutMs: 300_000 } as const

/** Where actors that are only told things say that they are ready: the host has no mailbox that they could tell. */
export function finishLine<T>(system: ActorSystem): Queue<T> {
  return Queue.create<T>({ system, capacity: 64, bytesMax: 4_096 })
}

export function taken<T>(from: Queue<T>): Promise<T> {
  return from.get(LONG)
}

export async function takenTimes<T>(n: number, from: Queue<T>): Promise<T[]> {
  const all: T[] = []
  while (all.length < n) all.push(await taken(from))
  return all
}

/** In no program more messages wait than a mailbox takes, so a tell that is refused is a mistake. */
export function must(isAccepted: boolean): void {
  if (!isAccepted) throw new Error('a tell was refused')
}

export function many<T>(n: number, make: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: n }, (_, i) => make(i)))
}

export async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const startedMs = performance.now()
  const value = await work()
  return { ms: performance.now() - startedMs, value }
}

export function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
