import type { Address } from '../base/address.ts'
import { MessageTooLargeError } from '../base/errors.ts'
import { builtInCopy } from './built-ins.ts'
import { type AnyCodec, codecOf } from './class-registry.ts'
import { enclosureCopy } from './enclosure-copies.ts'
import type { Enclosure, EnclosureName } from './enclosures.ts'
import { errorParts } from './error-wire.ts'
import { handleName } from './moved.ts'
import { isPlainBigInt, isPlainKey, isPlainText } from './plain.ts'
import { describe, pathOf, Refusal, STREAM, type Step, whyNot } from './refusal.ts'
import * as wire from './wire.ts'
import { Tagged } from './wire.ts'

/** How the ref layer plugs itself in: a ref crosses as the address it names. A ref must not have Object.prototype. */
export interface RefHooks {
  isRef(value: object): boolean
  toWire(ref: object): Address
  fromWire(address: Address): object
  /** The number of a function that is passed; undefined where it cannot be. */
  callbackToWire?(call: (...args: readonly unknown[]) => unknown): number | undefined
  callbackFromWire?(id: number): object
  /** The same for an async iterable, which is found `at` a path such as `args[0]`. */
  iterableToWire?(iterable: AsyncIterable<unknown>, at: string): number | undefined
  iterableFromWire?(id: number): object
}

/**
 * Makes a copy of a value in which msgpackr can carry everything, or refuses: the steps to the value at hand are kept, so
 * that a refusal can name them. One for each message that is not plain.
 */
export class Copier {
  readonly refs: RefHooks
  /** For the text of errors. */
  readonly call: string
  readonly bytesMax: number
  /** What cannot be sent is replaced by its description instead of refused: for errors that must get out. */
  readonly tolerant: boolean
  readonly steps: Step[] = []
  readonly enclosures: Enclosure[] = []
  /** Whether this message can have enclosures; otherwise why not. */
  readonly whyNoEnclosures: string | undefined
  private bytes = 0
  private depth = 0
  /** Every object begun so far. Its place is its number on the wire: the Reviver counts in the same order. */
  private readonly begun: object[] = []
  private readonly numbers = new Map<object, number>()
  private hasRepeats = false
  /** Numbers of the instances whose codecs' results are being copied. */
  private readonly unmade: number[] = []

  constructor(refs: RefHooks, call: string, bytesMax: number, tolerant: boolean, whyNoEnclosures?: string) {
    this.refs = refs
    this.call = call
    this.bytesMax = bytesMax
    this.tolerant = tolerant
    this.whyNoEnclosures = whyNoEnclosures
  }

  /** `nameOf`: under which name what is beside the message will be found. */
  copyMessage(value: unknown, nameOf?: () => EnclosureName): unknown {
    const copy = this.copy(value)
    const whole = this.hasRepeats ? new Tagged([wire.GRAPH, copy]) : copy
    if (this.enclosures.length === 0) return whole
    const { line, number } = nameOf!()
    return new Tagged([wire.ENCLOSING, line, number, whole])
  }

  /** Returns its number beside the message. */
  enclose(enclosure: Enclosure): number {
    if (this.whyNoEnclosures !== undefined) throw new Refusal(this.whyNoEnclosures)
    const known = this.enclosures.findIndex(({ value }) => value === enclosure.value)
    return known >= 0 ? known : this.enclosures.push(enclosure) - 1
  }

  /** Where copying was given up. */
  get stepsTaken(): Step[] {
    return this.steps.slice(0, this.depth)
  }

  copy(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return this.copyText(value)
      case 'number':
        this.count(1)
        return Object.is(value, -0) ? new Tagged([wire.NEGATIVE_ZERO]) : value
      case 'object':
        return value === null ? null : this.copyObject(value)
      case 'boolean':
      case 'undefined':
        return value
      case 'bigint':
        this.count(isPlainBigInt(value) ? 1 : value.toString(16).length >>> 1)
        return value
      default:
        return this.copyFunction(value as object)
    }
  }

  /** Gives up as soon as the message is known to be too large, before anything of that size is built. */
  count(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > this.bytesMax) throw new MessageTooLargeError(this.call, this.bytes, this.bytesMax)
  }

  copyText(text: string): unknown {
    this.count(text.length)
    return isPlainText(text) ? text : new Tagged([wire.TEXT, Buffer.from(text, 'utf16le')])
  }

  /** A function or a symbol. The only functions that can be sent are refs that happen to be callable. */
  private copyFunction(value: object): unknown {
    if (typeof value === 'function' && this.refs.isRef(value)) return this.copyRef(value)
    if (this.tolerant && this.depth > 0) return this.copyText(`[${describe(value)}]`)
    const id = typeof value === 'function' ? this.refs.callbackToWire?.(value as () => unknown) : undefined
    if (id !== undefined) return new Tagged([wire.CALLBACK, id])
    throw new Refusal(whyNot(value))
  }

  private copyObject(object: object): unknown {
    return this.tolerant ? this.copyTolerantly(object) : this.copyStrictly(object)
  }

  /** What had begun in an object before it turned out not to be sendable is taken back. */
  private copyTolerantly(object: object): unknown {
    const { depth } = this
    const begun = this.begun.length
    const unmade = this.unmade.length
    try {
      return this.copyStrictly(object)
    } catch (thrown) {
      if (depth === 0 || thrown instanceof MessageTooLargeError) throw thrown
      this.depth = depth
      this.unmade.length = unmade
      for (const forgotten of this.begun.splice(begun)) this.numbers.delete(forgotten)
      return this.copyText(thrown instanceof Refusal ? `[${describe(object)}]` : `[reading it threw ${describe(thrown)}]`)
    }
  }

  private copyStrictly(object: object): unknown {
    const prototype: object | null = Object.getPrototypeOf(object)
    const isPlain = prototype === Object.prototype || (prototype === Array.prototype && Array.isArray(object))
    if (!isPlain && this.refs.isRef(object)) return this.copyRef(object)
    const number = this.numbers.get(object)
    if (number !== undefined) return this.repeat(number)
    this.numbers.set(object, this.begun.push(object) - 1)
    if (!isPlain) return this.copyOther(object, prototype)
    return Array.isArray(object) ? this.copyArray(object) : this.copyRecord(object, wire.ENTRIES)
  }

  private repeat(number: number): Tagged {
    if (this.unmade.includes(number))
      throw new Refusal('it contains itself, and its codec can make it only once all of its parts are there.')
    this.hasRepeats = true
    return new Tagged([wire.REPEAT, number])
  }

  /** Every copier of something with parts calls this first and `leave` last, and `copyPart` for each part. */
  enter(): number {
    if (this.depth >= wire.DEPTH_MAX) throw new Refusal(`it is nested more than ${wire.DEPTH_MAX} levels deep. Send it as a flat array.`)
    return this.depth++
  }

  leave(entered: number): void {
    this.depth = entered
  }

  copyPart(entered: number, step: Step, part: unknown): unknown {
    this.steps[entered] = step
    this.count(1)
    return this.copy(part)
  }

  private copyArray(array: readonly unknown[]): unknown[] {
    if ('index' in array || 'raw' in array)
      throw new Refusal('it is an array with named properties, which would be lost. Send { ...array }.')
    const copy: unknown[] = []
    const entered = this.enter()
    // A Proxy may say anything.
    for (let i = 0; i < array.length >>> 0; i++) {
      const item = array[i]
      this.steps[entered] = i
      if (item === undefined && !(i in array)) throw new Refusal('it is a hole in a sparse array. Fill it, or send a Map.')
      copy.push(this.copyPart(entered, i, item))
    }
    this.leave(entered)
    return copy
  }

  /** Own enumerable properties. */
  private copyRecord(object: object, kind: number): unknown {
    const symbols = Object.getOwnPropertySymbols(object)
    if (symbols.includes(Symbol.asyncIterator)) {
      const iterable = this.copyIterable(object)
      if (iterable !== undefined) return iterable
      throw new Refusal(STREAM)
    }
    if (symbols.length !== 0) throw new Refusal(`it has a key that is a symbol, ${describe(symbols[0])}, which would be lost.`)
    const keys = Object.keys(object)
    const source = object as Record<string, unknown>
    const copy: Record<string, unknown> = {}
    const parts: unknown[] = [kind]
    const isPlain = kind === wire.ENTRIES && keys.length <= wire.KEYS_MAX && keys.every(isPlainKey)
    const entered = this.enter()
    for (const key of keys) {
      this.steps[entered] = key
      const value = this.copyPart(entered, key, source[key])
      if (isPlain) copy[key] = value
      else parts.push(this.copyText(key), value)
    }
    this.leave(entered)
    return isPlain ? copy : new Tagged(parts)
  }

  private copyOther(object: object, prototype: object | null): unknown {
    if (prototype === null) return this.copyRecord(object, wire.NULL_PROTOTYPE)
    const enclosed = enclosureCopy(this, object, prototype)
    if (enclosed !== undefined) return enclosed
    const copyBuiltIn = builtInCopy(prototype)
    if (copyBuiltIn !== undefined) return copyBuiltIn(this, object)
    const codec = codecOf(prototype)
    if (codec !== undefined) return this.copyInstance(codec, object)
    return object instanceof Error ? this.copyError(object) : this.copyForeign(object, prototype)
  }

  private copyInstance(codec: AnyCodec, instance: object): Tagged {
    this.unmade.push(this.begun.length - 1)
    const entered = this.enter()
    this.steps[entered] = { of: 'class', at: codec.name }
    const made = this.copy(codec.encode(instance))
    this.leave(entered)
    this.unmade.pop()
    return new Tagged([wire.CLASS, this.copyText(codec.name), made])
  }

  private copyError(error: Error): Tagged {
    return new Tagged([wire.ERROR, ...errorParts(this, error)])
  }

  /** Plain objects, arrays and errors of another realm (a vm context, as test runners use) are what they are to their makers. */
  private copyForeign(object: object, prototype: object): unknown {
    if (Array.isArray(object) && isRootPrototype(Object.getPrototypeOf(prototype))) return this.copyArray(object)
    const kind = Object.prototype.toString.call(object)
    if (isRootPrototype(prototype) && kind === '[object Object]') return this.copyRecord(object, wire.ENTRIES)
    if (kind === '[object Error]') return this.copyError(object as Error)
    // A socket is one, too, and has one owner.
    const isIterable = Symbol.asyncIterator in object && handleName(object) === undefined
    const iterable = isIterable ? this.copyIterable(object) : undefined
    if (iterable !== undefined) return iterable
    throw new Refusal(whyNot(object))
  }

  private copyIterable(object: object): Tagged | undefined {
    const id = this.refs.iterableToWire?.(object as AsyncIterable<unknown>, pathOf('args', this.stepsTaken))
    return id === undefined ? undefined : new Tagged([wire.ITERABLE, id])
  }

  private copyRef(ref: object): Tagged {
    const { path, seat, generation } = this.refs.toWire(ref)
    return new Tagged([wire.REF, seat, generation, this.copyText(path)])
  }
}

/** Is it the Object.prototype of some realm? */
function isRootPrototype(prototype: object | null): boolean {
  return prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}
