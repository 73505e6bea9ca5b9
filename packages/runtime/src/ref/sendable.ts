import type { FrozenBytes } from '../codec/frozen/bytes.ts'
import type { FrozenMap, FrozenSet } from '../codec/frozen/collections.ts'
import type { FrozenMark } from '../codec/frozen/freeze.ts'
import type { FileLike, MovedMark, PortLike } from '../codec/moved.ts'
import type { SharedMark } from '../codec/shared.ts'
import type { Queue } from '../mailbox/queue.ts'

declare const crosses: unique symbol
declare const callback: unique symbol
declare const why: unique symbol

/** What a method becomes in a ref when it cannot be called through one. The compiler prints the text. */
export interface NotSendable<Why extends string> {
  readonly [why]: Why
}

/** Marks the types of the runtime itself that may be sent: refs, callbacks, frozen and shared things. */
export interface Crosses {
  readonly [crosses]: unknown
}

/**
 * Classes with a codec may be sent, and arrive as what they were. Name them here, under any key, to tell the compiler:
 * `declare module '@troupe/runtime' { interface SendableClasses { money: Money } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: users add to it.
export interface SendableClasses {}

/** Any function; `never` because parameters are compared the other way round. */
export type AnyFunction = (...args: never) => unknown
/** `Parameters` is never for `(...all: readonly string[])`, since a bare `infer P` is for mutable arrays. */
type ParametersOf<F> = F extends (...args: infer P extends readonly unknown[]) => unknown ? P : never
// biome-ignore lint/complexity/noBannedTypes: what every function and every class is, and `Function` itself.
export type AnyCallable = Function

export type WhyNoSymbol = 'a symbol cannot be sent'
export type WhyNoFunction = 'a function cannot be sent: declare the parameter as Callback<…>, or pass an ActorRef'

/**
 * Declares that a method takes a function: `each(row: Callback<(row: Row) => void>)`. The caller passes the plain function
 * (with ask or askSync: there is no call to last with a tell); the actor receives one whose result is a promise, because the
 * caller's runs in the caller's isolate. It can be called until that ask has ended.
 */
export interface Callback<F extends AnyFunction> extends Crosses {
  (...args: ParametersOf<F>): Promise<Awaited<ReturnType<F>>>
  readonly [callback]: F
}
/** `F` itself is there for `void`, which takes any result; the other form lets the function be async. */
type CallbackArgument<F extends AnyFunction> = F | ((...args: ParametersOf<F>) => Awaited<ReturnType<F>> | Promise<Awaited<ReturnType<F>>>)

type Leaf =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | RegExp
  | URL
  | ArrayBuffer
  | Crosses
  // biome-ignore lint/suspicious/noExplicitAny: of whatever items.
  | Queue<any>
  // biome-ignore lint/suspicious/noExplicitAny: of whatever.
  | FrozenMap<any, any>
  // biome-ignore lint/suspicious/noExplicitAny: of whatever.
  | FrozenSet<any>
  // biome-ignore lint/suspicious/noExplicitAny: of whatever.
  | FrozenBytes<any>
  | FrozenMark
  | SharedMark
  | MovedMark
  | SendableClasses[keyof SendableClasses]

/** Only a type with one of these keys can be a built-in with a row of its own; all others take the short way, at a third of the cost. */
type BuiltInKey =
  | 'then'
  | 'aborted'
  | 'grow'
  | 'deref'
  | 'delete'
  | 'message'
  | 'emit'
  | 'fd'
  | 'postMessage'
  | typeof Symbol.iterator
  | typeof Symbol.asyncIterator

/**
 * `T`, in which every part that cannot be sent has become `part & 'why not'` (of a symbol only `NotSendable<'why not'>`). `T extends Sendable<T>` says that `T` can be
 * sent; assigning to `Sendable<T>` names the path and the reason in the compiler's own words. `any` and `unknown` pass: the
 * codec looks at what is really there.
 */
// biome-ignore format: a table with a row for each kind of value.
export type Sendable<T> =
  0 extends 1 & T ? T
  : T extends Callback<infer F> ? CallbackArgument<F>
  : T extends ArrayBufferView<infer B> ? [B] extends [SharedArrayBuffer] ? T extends SharedMark ? T : T & 'shared memory cannot be sent as it is: declare the parameter as Shared<…> and send share(array), or send a copy' : T
  : T extends Leaf ? T
  : T extends symbol ? NotSendable<WhyNoSymbol>
  : T extends AnyCallable ? T & WhyNoFunction
  : T extends readonly (infer V)[] ? SendableArray<T, V>
  : T extends object ? [keyof T & BuiltInKey] extends [never] ? SendablePlain<T> : SendableBuiltIn<T>
  : T

/** Arrays are written out, because a mapped type over a recursive one (JSON) overflows; tuples must be mapped to keep their shape. */
// biome-ignore format: a table.
type SendableArray<T, V> =
  V[] extends T ? T extends V[] ? Sendable<V>[] : readonly Sendable<V>[]
  : { [K in keyof T]: 0 } extends readonly unknown[] ? { [K in keyof T]: Sendable<T[K]> }
  : T & 'a subclass of Array cannot be sent'

/** `Pick` drops private members, so a class that has some is not assignable from its own `Pick`. */
// biome-ignore format: a table.
type SendablePlain<T> =
  Pick<T, keyof T> extends T ? SendableFields<T>
  : T & 'an instance of a class without a codec cannot be sent: send plain data, or register a codec'

/** A symbol key with a value is a brand that exists for the compiler only; with a function it is a protocol. */
type SendableFields<T> = {
  [K in keyof T]: K extends symbol ? (T[K] extends AnyFunction ? Sendable<T[K]> : T[K]) : Sendable<T[K]>
}

/** The order matters: Map and Set have every member of WeakMap and WeakSet. What arrives must satisfy what was declared. */
// biome-ignore format: a table.
type SendableBuiltIn<T> =
  T extends PromiseLike<unknown> ? T & 'a Promise cannot be sent: await it first'
  : T extends AbortSignal ? T & 'an AbortSignal cannot be sent: pass { signal } to ask(…), and read this.context.signal'
  : T extends SharedArrayBuffer ? T & 'shared memory cannot be sent as it is: send share(typedArray) to a parameter Shared<…>, or send a copy'
  : T extends AsyncIterable<infer V> ? SendableStream<T, V>
  : T extends ReadonlyMap<infer K, infer V> ? SendableMap<T, K, V>
  : T extends ReadonlySet<infer V> ? SendableSet<T, V>
  : T extends WeakMap<WeakKey, unknown> | WeakSet<WeakKey> | WeakRef<WeakKey> ? T & 'a weak reference cannot be sent'
  : T extends Error ? T & { [K in keyof T as K extends keyof Error | symbol ? never : K]: Sendable<T[K]> }
  : T extends PortLike | FileLike ? T & 'a MessagePort and a FileHandle have one owner: declare the parameter as Moved<…> and send move(…)'
  : T extends { on: AnyFunction; emit: AnyFunction } ? T & 'an event emitter (a socket, a stream, a server) cannot be sent: let one actor own it, and pass the ActorRef'
  : T extends Iterable<infer V> ? SendableIterable<T, V>
  : SendablePlain<T>

// biome-ignore format: a table.
type SendableStream<T, V> =
  AsyncGenerator<V, never, unknown> extends T ? AsyncIterable<Sendable<V>>
  : T & 'a stream object cannot be sent: send its data, or put it into a Queue'

// biome-ignore format: a table.
type SendableMap<T, K, V> =
  Map<K, V> extends T ? T extends Map<K, V> ? Map<Sendable<K>, Sendable<V>> : ReadonlyMap<Sendable<K>, Sendable<V>>
  : T & 'a subclass of Map cannot be sent'

// biome-ignore format: a table.
type SendableSet<T, V> =
  Set<V> extends T ? T extends Set<V> ? Set<Sendable<V>> : ReadonlySet<Sendable<V>>
  : T & 'a subclass of Set cannot be sent'

/** Who declares `Iterable<Row>` can be sent an array or a Set; an iterator that is halfway cannot be copied. */
// biome-ignore format: a table.
type SendableIterable<T, V> =
  V[] extends T ? readonly Sendable<V>[] | ReadonlySet<Sendable<V>>
  : T & 'an iterator cannot be sent: send an array'
