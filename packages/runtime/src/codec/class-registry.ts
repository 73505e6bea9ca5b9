import * as troupeErrors from '../base/errors.ts'
import { InvalidArgumentError, RemoteError, TroupeError } from '../base/errors.ts'
import { BINARY_KINDS } from './wire.ts'

/** How the instances of one class are sent. `encode` gives anything that can be sent; `decode` makes the instance from it. */
export interface ClassCodec<T extends object, W> {
  /** What the class is called on the wire: unique in the system, and the same wherever the class is registered. */
  readonly name: string
  readonly class: abstract new (...args: never) => T
  encode(instance: T): W
  decode(wire: W): T
}

type AnyClass = abstract new (...args: never) => unknown
export type AnyCodec = ClassCodec<object, unknown>

const codecsByPrototype = new Map<object, AnyCodec>()
const codecsByName = new Map<string, AnyCodec>()
const errorNames = new Map<object, string>()
const errorPrototypes = new Map<string, object>()

/**
 * Lets instances of a class be sent, and arrive as instances: `registerClass({ name: 'money', class: Money, encode: (m) =>
 * m.cents, decode: (cents) => new Money(cents) })`. Call it in the module that declares the class, so that both isolates
 * have it: a class is never revived by a name alone. It holds for that class exactly, not for its subclasses.
 *
 * @throws {InvalidArgumentError} if the name is taken by another class, or the class is one the codec knows already
 */
export function registerClass<T extends object, W>(codec: ClassCodec<T, W>): void {
  checkName(codec.name)
  const prototype = prototypeOf(codec.class)
  if (BUILT_IN.has(prototype) || errorNames.has(prototype))
    throw new InvalidArgumentError(`${codec.class.name} can be sent already: it needs no codec.`)
  claim(codecsByName.get(codec.name)?.class, codec.class, codec.name)
  codecsByName.set(codec.name, codec as unknown as AnyCodec)
  codecsByPrototype.set(prototype, codec as unknown as AnyCodec)
}

/**
 * Lets errors of a class arrive as instances of it, with message, stack, cause and own fields; its constructor is not run.
 * Where it is not registered they arrive as a RemoteError. An error of an unregistered subclass arrives as the nearest
 * registered class, under its own name. Call it in the module that declares the class.
 *
 * @param name what the class is called on the wire; the default is the name of the class
 * @throws {InvalidArgumentError} if the name is taken by another class
 */
export function registerError(errorClass: abstract new (...args: never) => Error, name: string = errorClass.name): void {
  checkName(name)
  const prototype = prototypeOf(errorClass)
  claim((errorPrototypes.get(name) as { constructor: unknown } | undefined)?.constructor, errorClass, name)
  errorPrototypes.set(name, prototype)
  errorNames.set(prototype, name)
}

function checkName(name: unknown): void {
  if (typeof name !== 'string' || name === '')
    throw new InvalidArgumentError(`a registered class needs a name, and ${String(name)} is none.`)
}

function prototypeOf(of: AnyClass): object {
  if (typeof of !== 'function' || typeof of.prototype !== 'object') throw new InvalidArgumentError(`${String(of)} is not a class.`)
  return of.prototype as object
}

function claim(holder: unknown, wanted: AnyClass, name: string): void {
  if (holder !== undefined && holder !== wanted)
    throw new InvalidArgumentError(`the name "${name}" is registered for another class already.`)
}

export function codecOf(prototype: object): AnyCodec | undefined {
  return codecsByPrototype.get(prototype)
}

export function codecNamed(name: string): AnyCodec | undefined {
  return codecsByName.get(name)
}

export function errorPrototypeNamed(name: string): object | undefined {
  return errorPrototypes.get(name)
}

/**
 * The wire name of the class that an error is to arrive as, or '' for a RemoteError. A class of the language itself must be
 * the error's own class: arriving as the TypeError it was derived from would hide what it is. Node's own errors have a
 * prototype between, which says `constructor: TypeError`: those are TypeErrors to everybody.
 */
export function errorNameOf(error: object): string {
  const own: unknown = error.constructor
  for (let prototype = Object.getPrototypeOf(error); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const name = errorNames.get(prototype)
    if (name !== undefined) return LANGUAGE_ERRORS.has(prototype) && own !== prototype.constructor ? '' : name
  }
  return ''
}

/** Is its name the one of a class of the language that it was derived from? */
export function hasInheritedName(error: object): boolean {
  let holder: object | null = error
  while (holder !== null && !Object.hasOwn(holder, 'name')) holder = Object.getPrototypeOf(holder)
  return holder !== null && LANGUAGE_ERRORS.has(holder)
}

const LANGUAGE_ERRORS = new Set<object>()
for (const known of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, DOMException]) {
  LANGUAGE_ERRORS.add(known.prototype)
  registerError(known)
}

// A RemoteError stands for an error of another class, and is written as that one.
for (const [name, known] of Object.entries(troupeErrors)) {
  if (known !== TroupeError && known !== RemoteError && Object.prototype.isPrototypeOf.call(TroupeError, known))
    registerError(known as typeof RemoteError, name)
}

const BUILT_IN = new Set<object>(
  [Object, Array, Date, RegExp, URL, Map, Set, ArrayBuffer, SharedArrayBuffer, DataView, Buffer, Promise, Function, ...BINARY_KINDS].map(
    (known) => known.prototype as object,
  ),
)
