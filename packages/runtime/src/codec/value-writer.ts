import type { Address } from '../base/address.ts'
import { MessageTooLargeError } from '../base/errors.ts'
import { ByteWriter } from './byte-writer.ts'
import { type AnyCodec, codecOf } from './class-registry.ts'
import { writeError } from './error-wire.ts'
import { builtInWriter } from './object-writers.ts'
import { describe, Refusal, type Step, whyNot } from './refusal.ts'
import * as wire from './wire.ts'

/** How the ref layer plugs itself in: a ref crosses as the address it names. A ref must not have Object.prototype. */
export interface RefHooks {
  isRef(value: object): boolean
  toWire(ref: object): Address
  fromWire(address: Address): object
}

/** Up to so many objects a loop over an array finds a repeat faster than a Map does. */
const LISTED_MAX = 32
const hasOwn = Object.prototype.hasOwnProperty

/**
 * Strict, and in one pass: a value is looked at and written in the same moment, so every property (and every getter) is read
 * exactly once, and what was checked is what is sent. The steps to the value at hand are kept, so that a refusal can name
 * them at no cost to the values that pass.
 */
export class ValueWriter extends ByteWriter {
  readonly refs: RefHooks
  /** A writer in use must not be used by what a getter calls: see Codec. */
  busy = false
  /** What cannot be sent is replaced by its description instead of refused: for errors that must get out. */
  tolerant = false
  depth = 0
  readonly steps: Step[] = []
  /** Every object begun so far; its place in the list is its number on the wire. The list itself is kept: a new one costs more than a message. */
  begun = new Array<object | undefined>(LISTED_MAX).fill(undefined)
  begunCount = 0
  /** The same from object to number, once the list is long. */
  numbers: Map<object, number> | undefined
  hasRepeats = false
  /** Somebody has put enumerable properties on Object.prototype: `for in` finds them in every object. */
  isPolluted = false
  /** Numbers of the instances whose codecs' results are being written. */
  readonly unmade: number[] = []

  constructor(refs: RefHooks) {
    super()
    this.refs = refs
  }

  override begin(call: string, bytesMax: number): void {
    super.begin(call, bytesMax)
    this.isPolluted = hasInheritedKeys()
  }

  /** Everything a message has left behind. A large list is given up rather than kept. */
  reset(): void {
    this.depth = 0
    this.tolerant = false
    this.hasRepeats = false
    if (this.unmade.length !== 0) this.unmade.length = 0
    this.forgetBegun()
    this.shrink()
  }

  private forgetBegun(): void {
    if (this.begun.length > LISTED_MAX) this.begun.length = LISTED_MAX
    const { begun } = this
    for (let i = Math.min(this.begunCount, LISTED_MAX) - 1; i >= 0; i--) begun[i] = undefined
    this.begunCount = 0
    this.numbers = undefined
  }

  private forgetBegunFrom(first: number): void {
    for (let i = first; i < this.begunCount; i++) {
      this.numbers?.delete(this.begun[i]!)
      this.begun[i] = undefined
    }
    this.begunCount = first
  }

  writeValue(value: unknown): void {
    this.ensureSlack()
    switch (typeof value) {
      case 'number':
        return this.writeNumber(value)
      case 'string':
        return this.writeString(value)
      case 'object':
        return value === null ? this.writeByte(wire.NIL) : this.writeObject(value)
      case 'boolean':
        return this.writeByte(value ? wire.TRUE : wire.FALSE)
      case 'undefined':
        return this.writeUndefined()
      case 'bigint':
        return this.writeBigInt(value)
      default:
        return this.writeFunction(value as object)
    }
  }

  private writeUndefined(): void {
    this.writeByte(wire.FIXEXT_1)
    this.writeByte(wire.EXT_UNDEFINED)
    this.writeByte(0)
  }

  /** A function or a symbol. The only functions that can be sent are refs that happen to be callable. */
  private writeFunction(value: object): void {
    if (typeof value === 'function' && this.refs.isRef(value)) this.writeRef(value)
    else if (this.tolerant && this.depth > 0) this.writeString(`[${describe(value)}]`)
    else throw new Refusal(whyNot(value))
  }

  private writeObject(object: object): void {
    if (this.tolerant) this.writeTolerantly(object)
    else this.writeStrictly(object)
  }

  private writeStrictly(object: object): void {
    const prototype: object | null = Object.getPrototypeOf(object)
    if (prototype === Object.prototype) {
      if (!this.isRepeat(object)) this.writePlain(object)
    } else if (prototype === Array.prototype && Array.isArray(object)) {
      if (!this.isRepeat(object)) this.writeArray(object)
    } else if (this.refs.isRef(object)) this.writeRef(object)
    else if (!this.isRepeat(object)) this.writeOther(object, prototype)
  }

  /** What was written of an object before it turned out not to be sendable is taken back; its numbers too. */
  private writeTolerantly(object: object): void {
    const { at, depth } = this
    const begun = this.begunCount
    const unmade = this.unmade.length
    try {
      this.writeStrictly(object)
    } catch (thrown) {
      if (depth === 0 || thrown instanceof MessageTooLargeError) throw thrown
      this.at = at
      this.depth = depth
      this.unmade.length = unmade
      this.forgetBegunFrom(begun)
      this.writeString(thrown instanceof Refusal ? `[${describe(object)}]` : `[reading it threw ${describe(thrown)}]`)
    }
  }

  /** Notes that `object` begins here, or writes that it has begun before. */
  private isRepeat(object: object): boolean {
    const number = this.numberOf(object)
    if (number === -1) this.noteBegun(object)
    else this.writeRepeat(number)
    return number !== -1
  }

  private numberOf(object: object): number {
    if (this.numbers !== undefined) return this.numbers.get(object) ?? -1
    const { begun, begunCount } = this
    for (let i = 0; i < begunCount; i++) if (begun[i] === object) return i
    return -1
  }

  private noteBegun(object: object): void {
    const number = this.begunCount++
    this.begun[number] = object
    this.numbers?.set(object, number)
    if (number + 1 === LISTED_MAX) this.numbers = new Map(this.begun.map((each, i) => [each!, i]))
  }

  private writeRepeat(number: number): void {
    if (this.unmade.includes(number))
      throw new Refusal('it contains itself, and its codec can make it only once all of its parts are there.')
    this.hasRepeats = true
    this.writeExtensionHead(wire.EXT_REPEAT, 5)
    this.writeUint32(wire.UINT_32, number)
  }

  /** Every writer of something with parts calls this first and `leave` last, and sets `steps[entered]` before each part. */
  enter(): number {
    if (this.depth >= wire.DEPTH_MAX) throw new Refusal(`it is nested more than ${wire.DEPTH_MAX} levels deep. Send it as a flat array.`)
    return this.depth++
  }

  leave(entered: number): void {
    this.depth = entered
  }

  /** A step into a Map holds on to the key. */
  forgetStep(entered: number): void {
    this.steps[entered] = 0
  }

  /** Where writing was given up. */
  takeSteps(): Step[] {
    const steps = this.steps.slice(0, this.depth)
    this.steps.length = 0
    return steps
  }

  private writeArray(array: readonly unknown[]): void {
    if ('index' in array || 'raw' in array)
      throw new Refusal('it is an array with named properties, which would be lost. Send { ...array }.')
    // A Proxy may say anything.
    const length = array.length >>> 0
    this.writeArrayHead(length)
    const depth = this.enter()
    for (let i = 0; i < length; i++) {
      const item = array[i]
      this.steps[depth] = i
      if (item === undefined && !(i in array)) throw new Refusal('it is a hole in a sparse array. Fill it, or send a Map.')
      this.writeValue(item)
    }
    this.leave(depth)
  }

  writeArrayHead(length: number): void {
    if (length < 0x10) this.writeByte(wire.FIXARRAY | length)
    else if (length < 0x1_00_00) this.writeUint16(wire.ARRAY_16, length)
    else this.writeUint32(wire.ARRAY_32, length)
  }

  /** Own enumerable properties. `for in` over an object is the cheapest read; how many there are is known afterwards. */
  private writePlain(object: object): void {
    if (Object.getOwnPropertySymbols(object).length !== 0) throw this.symbolKeys(object)
    const head = this.at++
    const depth = this.enter()
    let count = 0
    for (const key in object) {
      if (this.isPolluted && !hasOwn.call(object, key)) continue
      this.steps[depth] = key
      this.writeString(key)
      this.writeValue((object as Record<string, unknown>)[key])
      count++
    }
    this.leave(depth)
    if (count < 0x10) this.bytes[head] = wire.FIXMAP | count
    else this.widenMapHead(head, count)
  }

  private writePlainOfRealm(object: object): void {
    const { isPolluted } = this
    this.isPolluted = true
    this.writePlain(object)
    this.isPolluted = isPolluted
  }

  private symbolKeys(object: object): Refusal {
    return new Refusal(`it has a key that is a symbol, ${describe(Object.getOwnPropertySymbols(object)[0])}, which would be lost.`)
  }

  private widenMapHead(head: number, count: number): void {
    this.ensureSlack()
    this.bytes.copyWithin(head + 5, head + 1, this.at)
    this.bytes[head] = wire.MAP_32
    this.view.setUint32(head + 1, count)
    this.at += 4
  }

  private writeOther(object: object, prototype: object | null): void {
    if (prototype === null) return this.writeNullPrototype(object)
    const write = builtInWriter(prototype)
    if (write !== undefined) return write(this, object)
    const codec = codecOf(prototype)
    if (codec !== undefined) return this.writeInstance(codec, object)
    if (object instanceof Error) return writeError(this, object)
    this.writeForeign(object, prototype)
  }

  private writeNullPrototype(object: object): void {
    const payload = this.beginExtension(wire.EXT_NULL_PROTOTYPE)
    this.ensureSlack()
    this.writePlain(object)
    this.endExtension(payload)
  }

  private writeInstance(codec: AnyCodec, instance: object): void {
    this.unmade.push(this.begunCount - 1)
    const payload = this.beginExtension(wire.EXT_CLASS)
    this.writeString(codec.name)
    const depth = this.enter()
    this.steps[depth] = { of: 'class', at: codec.name }
    this.writeValue(codec.encode(instance))
    this.leave(depth)
    this.endExtension(payload)
    this.unmade.pop()
  }

  /** Plain objects, arrays and errors of another realm (a vm context, as test runners use) are what they are to their makers. */
  private writeForeign(object: object, prototype: object): void {
    if (Array.isArray(object) && isRootPrototype(Object.getPrototypeOf(prototype))) this.writeArray(object)
    else if (isRootPrototype(prototype) && Object.prototype.toString.call(object) === '[object Object]') this.writePlainOfRealm(object)
    else if (Object.prototype.toString.call(object) === '[object Error]') writeError(this, object as Error)
    else throw new Refusal(whyNot(object))
  }

  private writeRef(ref: object): void {
    const { path, seat, generation } = this.refs.toWire(ref)
    const payload = this.beginExtension(wire.EXT_REF)
    this.ensureSlack()
    this.writeNumber(seat)
    this.writeNumber(generation)
    this.writeString(path)
    this.endExtension(payload)
  }

  /** Wraps what is a graph, and says where the message begins. */
  finish(): number {
    if (!this.hasRepeats) return wire.EXT_32_HEAD_BYTES
    this.bytes[0] = wire.EXT_32
    this.view.setUint32(1, this.at - wire.EXT_32_HEAD_BYTES)
    this.bytes[5] = wire.EXT_GRAPH
    return 0
  }
}

const EMPTY = {}

function hasInheritedKeys(): boolean {
  for (const _ in EMPTY) return true
  return false
}

/** Is it the Object.prototype of some realm? */
function isRootPrototype(prototype: object | null): boolean {
  return prototype !== null && Object.getPrototypeOf(prototype) === null && hasOwn.call(prototype, 'isPrototypeOf')
}
