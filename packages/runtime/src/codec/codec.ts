import { MessageTooLargeError, RemoteError, UnreadableMessageError } from '../base/errors.ts'
import { DEFAULT_LIMITS } from '../base/limits.ts'
import { Copier, type RefHooks } from './copier.ts'
import { pack, unpack, unreadable } from './packer.ts'
import { PlainCheck } from './plain.ts'
import { describe, isStackOverflow, Refusal, toSendError } from './refusal.ts'
import { Reviver } from './reviver.ts'

/** Bytes in a scratch buffer: valid until the next encode in this thread, so copy them at once, and never transfer it. */
export interface Encoded {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * Values to bytes and back: one per isolate. What cannot be sent is refused with its path before a byte leaves; what
 * arrives is equal to what was sent, and shares nothing with it. docs/SEMANTICS.md lists what can be sent.
 *
 * Plain data goes to msgpackr as it is, after a look at all of it; what has other things in it goes as a copy (copier.ts).
 * So a getter is read twice or three times, and should give the same each time. Getters and class codecs are code of the
 * user's, and may send messages while one is being encoded: then that one has its own scratch.
 */
export class Codec {
  readonly #refs: RefHooks
  readonly #bytesMax: number
  readonly #plainCheck = new PlainCheck()

  /** @param bytesMax `limits.messageBytesMax` of the system */
  constructor(refs: RefHooks, bytesMax: number = DEFAULT_LIMITS.messageBytesMax) {
    this.#refs = refs
    this.#bytesMax = bytesMax
  }

  /**
   * @param call for error texts: `/ledger/store.add`
   * @throws {NotSendableError} with a path such as `args[0].user.onClick`
   * @throws {MessageTooLargeError} with the number of bytes at which it was given up
   */
  encodeArgs(args: readonly unknown[], call: string): Encoded {
    return this.#encode(args, 'args', call)
  }

  /** As `encodeArgs`; paths begin with `the result`. */
  encodeResult(value: unknown, call: string): Encoded {
    return this.#encode(value, 'the result', call)
  }

  /** As `encodeArgs`, for what is put into a queue; paths begin with `the item`. */
  encodeItem(value: unknown, call: string): Encoded {
    return this.#encode(value, 'the item', call)
  }

  /**
   * Anything that was thrown. Never throws: what cannot be sent in it is replaced by its description, and an error that is
   * too large for `bytesMax` loses its fields and the ends of its texts.
   */
  encodeError(error: unknown, call = '', bytesMax: number = this.#bytesMax): Encoded {
    try {
      return this.#encodeTolerantly(error, call, bytesMax)
    } catch (thrown) {
      return this.#encodeTolerantly(substituteFor(error, thrown, Math.floor(bytesMax / 16)), call, Number.POSITIVE_INFINITY)
    }
  }

  #encode(value: unknown, root: string, call: string): Encoded {
    const plain = this.#packPlain(value)
    if (plain !== undefined) return this.#checked(plain, call, this.#bytesMax)
    const copier = new Copier(this.#refs, call, this.#bytesMax, false)
    try {
      return this.#checked(pack(copier.copyMessage(value)), call, this.#bytesMax)
    } catch (thrown) {
      throw toSendError(thrown, root, copier.stepsTaken, call)
    }
  }

  /** Nothing, if it is not plain, or turns out not to be while it is packed: the copier says why. */
  #packPlain(value: unknown): Encoded | undefined {
    const check = this.#plainCheck.busy ? new PlainCheck() : this.#plainCheck
    if (!check.isPlain(value, this.#bytesMax)) return undefined
    try {
      return pack(value)
    } catch {
      return undefined
    }
  }

  #encodeTolerantly(error: unknown, call: string, bytesMax: number): Encoded {
    return this.#checked(pack(new Copier(this.#refs, call, bytesMax, true).copyMessage(error)), call, bytesMax)
  }

  #checked(encoded: Encoded, call: string, bytesMax: number): Encoded {
    const bytes = encoded.end - encoded.start
    if (bytes > bytesMax) throw new MessageTooLargeError(call, bytes, bytesMax)
    return encoded
  }

  /**
   * The value that was encoded into these bytes, which must be a private copy: never shared memory. Nothing in the value
   * refers to them afterwards.
   *
   * @throws {UnreadableMessageError} for bytes that are no message, and for classes that are not registered in this isolate
   */
  decode(bytes: Uint8Array, start: number, end: number): unknown {
    try {
      return new Reviver(this.#refs).reviveMessage(unpack(bytes, start, end))
    } catch (thrown) {
      throw toReadError(thrown)
    }
  }

  /** What `encodeArgs` wrote. */
  decodeArgs(bytes: Uint8Array, start: number, end: number): unknown[] {
    const args = this.decode(bytes, start, end)
    if (!Array.isArray(args)) throw unreadable('its arguments are no array')
    return args
  }

  /** What `encodeError` wrote, to be thrown; never throws itself: an error that cannot be read is an UnreadableMessageError. */
  decodeError(bytes: Uint8Array, start: number, end: number): unknown {
    try {
      return this.decode(bytes, start, end)
    } catch (thrown) {
      return thrown
    }
  }
}

function toReadError(thrown: unknown): UnreadableMessageError {
  if (thrown instanceof UnreadableMessageError) return thrown
  if (isStackOverflow(thrown)) return unreadable('it is nested too deeply for the stack that is left here')
  return unreadable(describe(thrown), thrown)
}

/** What is sent instead of something that was thrown and cannot be sent at all, or not whole. */
function substituteFor(error: unknown, thrown: unknown, charsMax: number): RemoteError {
  const isError = !(thrown instanceof Refusal) && isErrorLike(error)
  const substitute = isError
    ? new RemoteError(textOf(error, 'name', 100), textOf(error, 'message', charsMax), textOf(error, 'code', 100), {})
    : new RemoteError('Error', `something was thrown that cannot be sent: ${describe(error)}`.slice(0, charsMax), '', {})
  substitute.stack = isError ? textOf(error, 'stack', charsMax) : ''
  return substitute
}

/** `instanceof` runs the traps of a Proxy. */
function isErrorLike(value: unknown): value is Error {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

function textOf(error: Error, part: 'name' | 'message' | 'code' | 'stack', charsMax: number): string {
  try {
    const text: unknown = (error as unknown as Record<string, unknown>)[part]
    return typeof text === 'string' ? text.slice(0, charsMax) : ''
  } catch {
    return ''
  }
}
