import { AlreadyRepliedError } from '../base/errors.ts'
import type { Call } from './call.ts'

export interface DeferredReplyPorts {
  /** For texts. */
  readonly call: string
  /** False: it was told, and nobody waits. */
  readonly isAsked: boolean
  readonly isWanted: () => boolean
  readonly signal: () => AbortSignal
  /** Answers the ask, and lets go of it. */
  value(value: unknown): void
  error(error: unknown): void
}

export function replyTo(call: Call, text: string, answers: Pick<DeferredReplyPorts, 'value' | 'error'>): DeferredReply<unknown> {
  return new DeferredReply({
    call: text,
    isAsked: true,
    isWanted: () => call.isAsked && !call.isCancelled,
    signal: () => call.signal,
    ...answers,
  })
}

export function toNobody(call: string): DeferredReplyPorts {
  const nothing = (): void => {}
  return { call, isAsked: false, isWanted: () => false, signal: () => AbortSignal.abort(), value: nothing, error: nothing }
}

/**
 * The reply to an ask that its method leaves for later: until then the actor takes other messages. `this.context.deferReply()`
 * makes one. It can be kept, but not sent to others; it ends with the incarnation.
 */
export class DeferredReply<T> {
  readonly #ports: DeferredReplyPorts
  #isSent = false
  #failure: { readonly error: unknown } | undefined
  #signal: AbortSignal | undefined
  #later: Promise<T> | undefined
  #settle: { resolve(value: T): void; reject(error: unknown): void } | undefined

  constructor(ports: DeferredReplyPorts) {
    this.#ports = ports
  }

  /** What the method returns, so that it has the type of what is sent later. Settled with the reply; of who was told, at once. */
  get later(): Promise<T> {
    if (!this.#ports.isAsked) return Promise.resolve(undefined as T)
    if (this.#later === undefined) {
      this.#later = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
      // It is there for its type: who does not await it has missed nothing.
      this.#later.catch(() => undefined)
    }
    return this.#later
  }

  /** False when its caller has aborted, its time is over, or it has ended; and for who was told, and not asked. */
  get isWanted(): boolean {
    return !this.#isSent && this.#ports.isWanted()
  }

  /** The same as an event; see `this.context.signal`. */
  get signal(): AbortSignal {
    return (this.#signal ??= this.#isSent || this.isWanted ? this.#ports.signal() : AbortSignal.abort())
  }

  /**
   * Answers. Returns whether somebody still waited. A value that cannot be sent reaches the asker as an error, as a
   * method's result does. Throws AlreadyRepliedError when it has been answered.
   */
  send(value: T): boolean {
    const wasWanted = this.#end('send')
    if (wasWanted) this.#ports.value(value)
    this.#settle?.resolve(value)
    return wasWanted
  }

  /** Answers with an error: the ask rejects with it. Otherwise as `send`. */
  fail(error: unknown): boolean {
    const wasWanted = this.#end('fail')
    this.#failure = { error }
    if (wasWanted) this.#ports.error(error)
    this.#settle?.reject(error)
    return wasWanted
  }

  /** What its method throws after it has deferred: the caller's, if it has no answer yet. Called by the runtime; false: nobody's. */
  thrown(error: unknown): boolean {
    if (this.#isSent) return this.#failure?.error === error
    this.fail(error)
    return true
  }

  #end(how: 'send' | 'fail'): boolean {
    if (this.#isSent) throw new AlreadyRepliedError(this.#ports.call, how)
    const wasWanted = this.isWanted
    this.#isSent = true
    return wasWanted
  }
}
