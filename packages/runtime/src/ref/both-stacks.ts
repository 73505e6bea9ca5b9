import { callText } from './outgoing.ts'
import type { PendingReply } from './pending-replies.ts'

type AnyFunction = (...args: never) => unknown

/**
 * Rejects an ask with an error whose stack goes on with the caller's: below the frames of who threw come those that await the
 * ask. They are not known when it is made, because to take a stack costs more than an ask. V8 knows them when it runs a
 * reaction of the very promise that is awaited (its async stack traces), so that is where they are looked for: only an ask that
 * fails pays, with some turns of the microtask queue. A caller that does not await in an async function has no such frames.
 */
export function rejectAtCaller(pending: PendingReply, error: unknown): void {
  if (!(error instanceof Error) || pending.stream !== undefined || pending.isBlocking === true) return pending.reject(error)
  // One turn for the promise that is awaited to follow this one, and then its frames are below the reaction's own.
  const failed = Promise.resolve()
    .then(() => undefined)
    .then(() => {
      addFrames(error, pending, framesBelow(framesBelow).slice(1))
      throw error
    })
  pending.resolve(failed)
}

/** For who has blocked: its frames are there. */
export function throwAtCaller(pending: PendingReply, error: unknown, below: AnyFunction): never {
  if (error instanceof Error) addFrames(error, pending, framesBelow(below))
  throw error
}

function framesBelow(below: AnyFunction): string[] {
  const here: { stack?: string } = {}
  Error.captureStackTrace(here, below)
  const lines = typeof here.stack === 'string' ? here.stack.split('\n').slice(1) : []
  return lines.filter((line) => !line.includes('node:internal/'))
}

function addFrames(error: Error, pending: PendingReply, frames: readonly string[]): void {
  if (frames.length === 0) return
  try {
    error.stack = `${error.stack}\n    at ask ${callText(pending)}\n${frames.join('\n')}`
  } catch {
    // An error may be frozen, or its stack a getter: it is what it is.
  }
}
