import { codecNamed } from './class-registry.ts'
import type { RefHooks } from './copier.ts'
import { Beside } from './enclosure-reading.ts'
import type { EnclosureHooks, EnclosureName } from './enclosures.ts'
import { errorFrom } from './error-wire.ts'
import { isNeverUsed, unpack, unreadable } from './packer.ts'
import { hasInheritedKeys, isPlainKey } from './plain.ts'
import * as wire from './wire.ts'
import { Tagged } from './wire.ts'

/** In the list of begun objects: an instance whose codec has not made it yet. */
const UNMADE: unique symbol = Symbol('unmade')

/**
 * Looks at everything that msgpackr has read and makes the values that it cannot carry, in the places of the Tagged ones.
 * Whatever the bytes were, the outcome is a value or an UnreadableMessageError.
 */
export class Reviver {
  private readonly refs: RefHooks
  private readonly isPolluted = hasInheritedKeys()
  private depth = 0
  /** Within a GRAPH: every object begun so far, by its number. */
  private begun: unknown[] | undefined

  private readonly enclosures: EnclosureHooks | undefined
  private beside: Beside | undefined

  /** `things`: what lies beside this message, where that is not for `enclosures` to know. */
  constructor(refs: RefHooks, enclosures?: EnclosureHooks, things?: readonly unknown[]) {
    this.refs = refs
    this.enclosures = enclosures
    if (things !== undefined) this.beside = new Beside(() => things)
  }

  reviveMessage(read: unknown): unknown {
    if (read instanceof Tagged && read.parts[0] === wire.ENCLOSING) return this.reviveEnclosing(this.partsOf(read.parts, 4))
    return this.reviveGraph(read)
  }

  /** Whatever becomes of the message, nothing stays behind. */
  private reviveEnclosing([, line, number, read]: readonly unknown[]): unknown {
    const name: EnclosureName = { line: this.indexOf(line), number: this.indexOf(number) }
    const { enclosures } = this
    if (this.beside !== undefined) return this.reviveGraph(read)
    const beside = new Beside(() => enclosures?.take(name))
    this.beside = beside
    try {
      return this.reviveGraph(read)
    } finally {
      if (!beside.isFetched) enclosures?.drop(name)
    }
  }

  private besideIt(): Beside {
    if (this.beside === undefined) throw unreadable('it refers to something beside it, and has nothing there')
    return this.beside
  }

  private reviveGraph(read: unknown): unknown {
    if (!(read instanceof Tagged) || read.parts[0] !== wire.GRAPH) return this.revive(read)
    this.begun = []
    return this.revive(this.partsOf(read.parts, 2)[1])
  }

  revive(value: unknown): unknown {
    if (typeof value === 'string') checkText(value)
    return typeof value === 'object' && value !== null ? this.reviveObject(value) : value
  }

  private reviveObject(object: object): unknown {
    if (++this.depth > wire.DEPTH_MAX) throw unreadable(`it is nested more than ${wire.DEPTH_MAX} levels deep`)
    const made = this.reviveParts(object)
    this.depth--
    return made
  }

  private reviveParts(object: object): unknown {
    const prototype = Object.getPrototypeOf(object)
    if (prototype === Object.prototype) return this.reviveRecord(object as Record<string, unknown>)
    if (prototype === Array.prototype) return this.reviveArray(object as unknown[])
    if (prototype === Tagged.prototype) return this.reviveTagged((object as Tagged).parts)
    if (isNeverUsed(object)) throw unreadable('0xc1 begins no value')
    return this.noteBegun(object)
  }

  /** Gives an object its number. Everything with an identity is numbered before its parts are revived. */
  noteBegun<T>(object: T): T {
    if (this.begun !== undefined) this.begun.push(object)
    return object
  }

  private reviveRecord(object: Record<string, unknown>): object {
    this.noteBegun(object)
    let place = 0
    for (const key in object) {
      if (this.isPolluted && !Object.hasOwn(object, key)) continue
      if (!isPlainKey(key, place++)) throw unreadable('a key in it is not UTF-8, or one that is never written in this way')
      const value = object[key]
      if (typeof value === 'string') checkText(value)
      else if (typeof value === 'object' && value !== null) object[key] = this.reviveObject(value)
    }
    return object
  }

  private reviveArray(array: unknown[]): unknown[] {
    this.noteBegun(array)
    for (let i = 0; i < array.length; i++) {
      const item = array[i]
      if (typeof item === 'string') checkText(item)
      else if (typeof item === 'object' && item !== null) array[i] = this.reviveObject(item)
    }
    return array
  }

  private reviveTagged(parts: readonly unknown[]): unknown {
    switch (parts[0]) {
      case wire.TEXT:
        return this.textFrom(this.partsOf(parts, 2)[1])
      case wire.NEGATIVE_ZERO:
        return this.partsOf(parts, 1) && -0
      case wire.REGEXP:
        return this.noteBegun(this.regExpFrom(this.partsOf(parts, 4)))
      case wire.URL_KIND:
        return this.noteBegun(new URL(this.textOf(this.partsOf(parts, 2)[1])))
      case wire.REF:
        return this.refFrom(this.partsOf(parts, 4))
      case wire.CALLBACK:
        return this.callbackFrom(this.partsOf(parts, 2)[1])
      case wire.ITERABLE:
        return this.noteBegun(this.iterableFrom(this.partsOf(parts, 2)[1]))
      case wire.REPEAT:
        return this.repeated(this.partsOf(parts, 2)[1])
      case wire.CLASS:
        return this.instanceFrom(this.partsOf(parts, 3))
      case wire.FROZEN:
        return this.noteBegun(this.besideIt().frozen(this.partsOf(parts, 6).slice(1)))
      case wire.MOVED_BYTES:
        return this.noteBegun(this.besideIt().moved(this.partsOf(parts, 5).slice(1)))
      case wire.SHARED:
        return this.noteBegun(this.besideIt().shared(this.partsOf(parts, 5).slice(1)))
      case wire.MOVED:
        return this.noteBegun(this.besideIt().thing(this.partsOf(parts, 2)[1]))
      default:
        return this.collectionFrom(parts)
    }
  }

  private collectionFrom(parts: readonly unknown[]): unknown {
    switch (parts[0]) {
      case wire.MAP:
        return this.mapFrom(parts)
      case wire.SET:
        return this.setFrom(parts)
      case wire.ENTRIES:
        return this.defineFields(this.noteBegun({}), parts, 1)
      case wire.NULL_PROTOTYPE:
        return this.defineFields(this.noteBegun(Object.create(null)), parts, 1)
      case wire.ERROR:
        return errorFrom(this, parts)
      default:
        throw unreadable('it has a value of an unknown kind')
    }
  }

  private partsOf(parts: readonly unknown[], count: number): readonly unknown[] {
    if (parts.length !== count) throw unreadable(`a value in it has ${parts.length} parts where ${count} must be`)
    return parts
  }

  private textFrom(units: unknown): string {
    if (!Buffer.isBuffer(units) || units.length % 2 !== 0) throw unreadable('a string in it has half a code unit')
    return units.toString('utf16le')
  }

  textOf(part: unknown): string {
    const text = this.revive(part)
    if (typeof text !== 'string') throw unreadable(`it has a ${typeof text} where a string must be`)
    return text
  }

  private indexOf(part: unknown): number {
    if (!Number.isSafeInteger(part) || (part as number) < 0) throw unreadable('a number in it is out of its range')
    return part as number
  }

  private regExpFrom([, source, flags, lastIndex]: readonly unknown[]): RegExp {
    const pattern = new RegExp(this.textOf(source), this.textOf(flags))
    pattern.lastIndex = this.revive(lastIndex) as number
    if (typeof pattern.lastIndex !== 'number') throw unreadable('a RegExp in it has no place')
    return pattern
  }

  private refFrom([, seat, generation, path]: readonly unknown[]): object {
    return this.refs.fromWire({ path: this.textOf(path), seat: this.indexOf(seat), generation: this.indexOf(generation) })
  }

  private callbackFrom(part: unknown): object {
    const made = this.refs.callbackFromWire?.(this.indexOf(part))
    if (made === undefined) throw unreadable('it has a function where none can be')
    return made
  }

  private iterableFrom(part: unknown): object {
    const made = this.refs.iterableFromWire?.(this.indexOf(part))
    if (made === undefined) throw unreadable('it has an async iterable where none can be')
    return made
  }

  private repeated(part: unknown): unknown {
    const number = this.indexOf(part)
    const { begun } = this
    if (begun === undefined || number >= begun.length || begun[number] === UNMADE)
      throw unreadable('it refers to an object that it does not have')
    return begun[number]
  }

  private mapFrom(parts: readonly unknown[]): Map<unknown, unknown> {
    if (parts.length % 2 === 0) throw unreadable('a Map in it has a key without a value')
    const map = this.noteBegun(new Map())
    for (let i = 1; i < parts.length; i += 2) map.set(this.revive(parts[i]), this.revive(parts[i + 1]))
    return map
  }

  private setFrom(parts: readonly unknown[]): Set<unknown> {
    const set = this.noteBegun(new Set())
    for (let i = 1; i < parts.length; i++) set.add(this.revive(parts[i]))
    return set
  }

  /** Fields may have any name, and are never assigned: a class may have setters. */
  defineFields(object: object, parts: readonly unknown[], first: number): object {
    if ((parts.length - first) % 2 !== 0) throw unreadable('an object in it has a key without a value')
    for (let i = first; i < parts.length; i += 2) {
      const value = this.revive(parts[i + 1])
      Object.defineProperty(object, this.textOf(parts[i]), { value, enumerable: true, writable: true, configurable: true })
    }
    return object
  }

  private instanceFrom([, nameOnWire, made]: readonly unknown[]): unknown {
    const name = this.textOf(nameOnWire)
    const codec = codecNamed(name)
    if (codec === undefined)
      throw unreadable(
        `it has an instance of "${name}", which is not registered here. Call registerClass in the module that declares the class.`,
      )
    const number = this.begun === undefined ? 0 : this.begun.push(UNMADE) - 1
    const instance = codec.decode(this.revive(made))
    if (this.begun !== undefined) this.begun[number] = instance
    return instance
  }
}

/** Where what is beside a message is found, without a look at the rest. Undefined: nothing is, or it is nonsense. */
export function enclosureNameIn(bytes: Uint8Array, start: number, end: number): EnclosureName | undefined {
  try {
    const read = unpack(bytes, start, end)
    if (!(read instanceof Tagged) || read.parts[0] !== wire.ENCLOSING) return undefined
    return { line: Number(read.parts[1]), number: Number(read.parts[2]) }
  } catch {
    return undefined
  }
}

/** msgpackr reads U+FFFD for what is no UTF-8, and nobody writes it in this way. */
function checkText(text: string): void {
  if (text.includes('\uFFFD')) throw unreadable('a string in it is not UTF-8')
}
