import type { PendingReply } from './pending-replies.ts'
import type { SendSpan } from './tracer.ts'

/** The span of an ask is as long as its caller waits; that of a tell or a stream ends when the message is made. */
export function spanning<R>(span: SendSpan, pending: PendingReply | undefined, encode: () => R): R {
  if (pending !== undefined && pending.stream === undefined) {
    endWith(span, pending)
    return encode()
  }
  try {
    const encoded = encode()
    span.end()
    return encoded
  } catch (error) {
    span.end({ error })
    throw error
  }
}

function endWith(span: SendSpan, pending: PendingReply): void {
  const { resolve, reject } = pending
  pending.resolve = (value) => {
    // An error of the callee's comes so (both-stacks.ts). Its frames are found along the promises: none may branch off.
    if (value instanceof Promise) return resolve(value.catch((error: unknown) => endThrowing(span, error)))
    span.end()
    resolve(value)
  }
  pending.reject = (error) => {
    span.end({ error })
    reject(error)
  }
}

function endThrowing(span: SendSpan, error: unknown): never {
  span.end({ error })
  throw error
}
