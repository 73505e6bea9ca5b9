import { MessageTooLargeError, NotSendableError, RemoteError, UnreadableMessageError } from '../base/errors.ts'
import { DEFAULT_LIMITS } from '../base/limits.ts'
import { Copier, type RefHooks } from './copier.ts'
import type { EnclosureHooks, EnclosureName } from './enclosures.ts'
import { copyOf, type Encoded, sizeOf } from './encoded.ts'
import { pack, unpack, unreadable } from './packer.ts'
import { NOT_PLAIN, PlainReader } from './plain-reader.ts'
import { PlainWriter } from './plain-writer.ts'
import { describe, isStackOverflow, Refusal, toSendError } from './refusal.ts'
import { enclosureNameIn, Reviver } from './reviver.ts'
import type { ShapeTable } from './shapes.ts'

/**
 * Values to bytes and back: one per isolate. What cannot be sent is refused with its path before a byte leaves; what
 * arrives is equal to what was sent, and shares nothing with it. docs/SEMANTICS.md lists what can be sent.
 *
 * Two ways lead through it. Plain data, which most messages are, is written and read by code of ours in one pass
 * (plain-writer.ts, plain-reader.ts); everything else is made a copy of that msgpackr can carry (copier.ts), and revived on
 * the other side (reviver.ts). Both write MessagePack. Whoever meets something that is not its own leaves it to the other:
 * so a getter may be read twice, and should give the same each time. Getters and class codecs are code of the user's, and
 * may send messages while one is being encoded: then that one has a writer of its own.
 */
export class Codec {
  readonly #refs: RefHooks
  readonly #bytesMax: number
  readonly #writer: PlainWriter
  readonly #reader: PlainReader
  readonly #enclosures: EnclosureHooks | undefined

  /**
   * @param bytesMax `limits.messageBytesMax` of the system
   * @param shapes what all threads of the system agree on; undefined: objects travel with their keys
   * @param enclosures who keeps what travels beside a message
   */
  constructor(refs: RefHooks, bytesMax: number = DEFAULT_LIMITS.messageBytesMax, shapes?: ShapeTable, enclosures?: EnclosureHooks) {
    this.#enclosures = enclosures
    this.#refs = refs
    this.#bytesMax = bytesMax
    this.#writer = new PlainWriter(shapes)
    this.#reader = new PlainReader(shapes)
  }

  /**
   * @param call for error texts: `/ledger/store.add`
   * @throws {NotSendableError} with a path such as `args[0].user.onClick`
   * @throws {MessageTooLargeError} with the number of bytes at which it was given up
   */
  encodeArgs(args: readonly unknown[], call: string): Encoded {
    const writer = this.#freeWriter()
    return writer.writeArgs(args, this.#bytesMax) ?? this.#encodeCopy(args, 'args', call)
  }

  /** As `encodeArgs`, for a constructor: what is shared with it travels with its spec, which is kept for restarts. */
  encodeConstructorArgs(args: readonly unknown[], call: string): { readonly bytes: Uint8Array; readonly beside: readonly object[] } {
    const encoded = this.#freeWriter().writeArgs(args, this.#bytesMax) ?? this.#encodeCopy(args, 'args', call, undefined, BESIDE)
    const things = encoded.enclosed?.things ?? []
    if (things.some(({ isMoved }) => isMoved)) throw new NotSendableError('args', MOVED_TO_CONSTRUCTOR, call)
    return { bytes: copyOf(encoded), beside: things.map(({ value }) => value) }
  }

  /** As `encodeArgs`; paths begin with `the result`. */
  encodeResult(value: unknown, call: string): Encoded {
    return this.#encode(value, 'the result', call)
  }

  /** What `onUpgrade` returned, as a copy that lasts. */
  encodeState(value: unknown, call: string): Uint8Array {
    return copyOf(this.#encode(value, 'the result', call, IN_UPGRADE))
  }

  /** As `encodeArgs`, for an item of a stream; paths begin with `the item`. */
  encodeItemOf(value: unknown, call: string): Encoded {
    return this.#encode(value, 'the item', call, IN_STREAM)
  }

  /** As `encodeArgs`, for what is put into a queue, in one piece; paths begin with `the item`. */
  encodeItem(value: unknown, call: string): Encoded {
    const encoded = this.#encode(value, 'the item', call, IN_QUEUE)
    if (encoded.chunks === undefined) return encoded
    const bytes = copyOf(encoded)
    return { bytes, start: 0, end: bytes.length }
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

  #encode(value: unknown, root: string, call: string, whyNoEnclosures?: string): Encoded {
    return this.#freeWriter().write(value, this.#bytesMax) ?? this.#encodeCopy(value, root, call, whyNoEnclosures)
  }

  #freeWriter(): PlainWriter {
    return this.#writer.isBusy ? new PlainWriter(undefined) : this.#writer
  }

  #encodeCopy(
    value: unknown,
    root: string,
    call: string,
    whyNoEnclosures = this.#enclosures === undefined ? NOWHERE : undefined,
    name?: EnclosureName,
  ): Encoded {
    const copier = new Copier(this.#refs, call, this.#bytesMax, false, name === undefined ? whyNoEnclosures : undefined)
    let used = name
    const nameOf = (): EnclosureName => (used ??= this.#enclosures!.nextName())
    try {
      const encoded = this.#checked(pack(copier.copyMessage(value, nameOf)), call, this.#bytesMax)
      return used === undefined || copier.enclosures.length === 0
        ? encoded
        : { ...encoded, enclosed: { name: used, things: copier.enclosures } }
    } catch (thrown) {
      throw toSendError(thrown, root, copier.stepsTaken, call)
    }
  }

  #encodeTolerantly(error: unknown, call: string, bytesMax: number): Encoded {
    return this.#checked(pack(new Copier(this.#refs, call, bytesMax, true, IN_ERROR).copyMessage(error)), call, bytesMax)
  }

  #checked(encoded: Encoded, call: string, bytesMax: number): Encoded {
    const bytes = sizeOf(encoded)
    if (bytes > bytesMax) throw new MessageTooLargeError(call, bytes, bytesMax)
    return encoded
  }

  /**
   * The value that was encoded into these bytes, which must be a private copy: never shared memory. Nothing in the value
   * refers to them afterwards. `outside`: all of the message where it lies, when the bytes are only its body (encoded.ts).
   * `beside`: what `encodeConstructorArgs` gave beside the bytes.
   *
   * @throws {UnreadableMessageError} for bytes that are no message, and for classes that are not registered in this isolate
   */
  decode(bytes: Uint8Array, start: number, end: number, outside?: Uint8Array, beside?: readonly unknown[]): unknown {
    const value = this.#reader.read(bytes, start, end, outside)
    if (value !== NOT_PLAIN) return value
    try {
      return new Reviver(this.#refs, this.#enclosures, beside).reviveMessage(unpack(bytes, start, end))
    } catch (thrown) {
      throw toReadError(thrown)
    }
  }

  /** For a message that nobody will read: what is beside it is nobody's. */
  discard(bytes: Uint8Array, start: number, end: number): void {
    const name = enclosureNameIn(bytes, start, end)
    if (name !== undefined) this.#enclosures?.drop(name)
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

/** The name of what lies beside its bytes wherever they go. */
const BESIDE: EnclosureName = { line: 0, number: 0 }
const NOWHERE = 'what is moved, shared or frozen travels beside messages and replies only. Send it in one.'
const IN_QUEUE = 'what is moved, shared or frozen cannot be put into a queue. Send it in a message.'
const IN_STREAM = 'what is moved, shared or frozen cannot be an item of a stream. Send it in a message.'
const IN_UPGRADE =
  'what is moved, shared or frozen cannot be handed over. The successor can be sent it in a message, or be given it as an argument.'
const IN_ERROR = 'what is moved, shared or frozen cannot be a part of an error.'
const MOVED_TO_CONSTRUCTOR =
  'something in it is to be moved, but the arguments of a constructor are kept for restarts. Send it in a message, or freeze() it.'

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
