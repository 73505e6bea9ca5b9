import { Actor, type AnyRef } from '@troupe/runtime'

export interface GatherOptions {
  /** Milliseconds above 0 after which a member that has not answered counts as missing. Default 1 000. */
  readonly timeoutMs?: number
}

export interface Answer<R> {
  readonly path: string
  readonly value: R
}

/** A member that gave no answer: its path, the code of the error (`TROUPE_ASK_TIMEOUT`) and its text. */
export interface Missing {
  readonly path: string
  readonly code: string
  readonly reason: string
}

/** Every member is in one of the two lists, in the order in which it was given. */
export interface Gathered<R> {
  readonly results: readonly Answer<R>[]
  readonly missing: readonly Missing[]
}

/** A ref, seen by someone who knows the method by its name only. */
interface Callable extends AnyRef {
  readonly ask: (options: { timeoutMs: number }) => Record<string, ((...args: readonly unknown[]) => Promise<unknown>) | undefined>
}

const TIMEOUT_MS = 1_000

/**
 * Asks all members at once, waits until each has answered, failed or run out of time, and never rejects because of a
 * member: part of an answer in time is better than none. Use it directly in an actor or in the host, or spawn a
 * Scatter to have an isolate of its own do the waiting and the decoding.
 */
export async function gather<R>(
  members: readonly AnyRef[],
  method: string,
  args: readonly unknown[],
  options: GatherOptions = {},
): Promise<Gathered<R>> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const results: Answer<R>[] = []
  const missing: Missing[] = []
  const settled = await Promise.allSettled(members.map((member) => askOne<R>(member as Callable, method, args, timeoutMs)))
  for (const [i, outcome] of settled.entries()) {
    const path = members[i]?.path ?? '?'
    if (outcome.status === 'fulfilled') results.push({ path, value: outcome.value })
    else missing.push({ path, ...describe(outcome.reason) })
  }
  return { results, missing }
}

/** `async`, so that what is refused before it is sent (a method that does not exist) is an answer of this member too. */
async function askOne<R>(member: Callable, method: string, args: readonly unknown[], timeoutMs: number): Promise<R> {
  const call = member.ask({ timeoutMs })[method]
  if (call === undefined) throw new TypeError(`${member.path} has no method ${method}()`)
  return (await call(...args)) as R
}

function describe(error: unknown): { code: string; reason: string } {
  if (!(error instanceof Error)) return { code: 'ERROR', reason: String(error) }
  const { code } = error as { code?: unknown }
  return { code: typeof code === 'string' ? code : error.name, reason: error.message }
}

/**
 * Scatter and gather as an actor: `await scatter.ask.gather<Hit[]>(shards, 'search', [terms], { timeoutMs: 300 })`. It keeps
 * nothing between two calls, so a restart loses only the call it was in. It gathers one after the other; start
 * several, or call `gather` where you are, when one slow member must not delay the next caller.
 */
export class Scatter extends Actor {
  static readonly module = import.meta.url

  /** See `gather`. Ask it with a longer `timeoutMs` than the one given here. */
  async gather<R>(members: readonly AnyRef[], method: string, args: readonly unknown[], options: GatherOptions = {}): Promise<Gathered<R>> {
    return await gather<R>(members, method, args, options)
  }
}
