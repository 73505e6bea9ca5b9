// Checked by `tsc --noEmit`: what may be sent, and what may not. Nothing here runs.
import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { MessagePort } from 'node:worker_threads'
import type { ActorRef } from '../../packages/runtime/src/ref/ref-types.ts'
import type { Callback, Crosses, Sendable } from '../../packages/runtime/src/ref/sendable.ts'
import type { Equal, Is, Not } from './assertions.ts'

type CanBeSent<T> = [T] extends [Sendable<T>] ? true : false
type CannotBeSent<T> = Not<CanBeSent<T>>

declare const brand: unique symbol
declare const method: unique symbol
type UserId = string & { readonly [brand]: 'UserId' }
type Cents = number & { readonly __unit: 'cents' }
interface Point {
  readonly x: number
  readonly y?: number
}
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
interface Tree {
  value: number
  children: readonly Tree[]
  parent?: Tree
}
type Shape = { kind: 'circle'; r: number } | { kind: 'square'; side: number }
type ShapeWithDraw = { kind: 'circle'; r: number } | { kind: 'custom'; draw: () => void }
interface Page<T> {
  items: T[]
  next: string | null
}
class Fields {
  amount = 0
}
class WithMethod {
  amount = 0
  total(): number {
    return this.amount
  }
}
class HashPrivate {
  #amount = 1
  get amount(): number {
    return this.#amount
  }
}
class KeywordPrivate {
  private readonly amount = 1
  readonly shown = this.amount
}
class WithProtected {
  protected readonly amount = 1
  readonly shown = this.amount
}
class NotFound extends Error {
  readonly status = 404
}
class WithSecret extends Error {
  #secret = 1
  reveal?: number = this.#secret
}
class Retryable extends Error {
  readonly retry: () => void = () => {}
}
class Registry extends Map<string, number> {
  readonly extra = 1
}
class Tags extends Set<string> {
  readonly extra = 1
}
class Stack extends Array<number> {
  top(): number | undefined {
    return this.at(-1)
  }
}
interface Frozen<T> extends Crosses {
  readonly value: T
}
class Counter {
  add(n: number): number {
    return n
  }
}
interface WithGetter {
  get size(): number
}
interface Protocol {
  [method](): void
}

export type Primitives = [
  Is<CanBeSent<string>>,
  Is<CanBeSent<number>>,
  Is<CanBeSent<boolean>>,
  Is<CanBeSent<bigint>>,
  Is<CanBeSent<null>>,
  Is<CanBeSent<undefined>>,
  Is<CanBeSent<void>>,
  Is<CanBeSent<never>>,
  Is<CanBeSent<'a' | 'b' | 1 | true>>,
  Is<CanBeSent<`user-${number}`>>,
  Is<CanBeSent<UserId>>,
  Is<CanBeSent<Cents>>,
  Is<CannotBeSent<symbol>>,
  Is<CannotBeSent<typeof brand>>,
  Is<CannotBeSent<string | symbol>>,
]

/** `any` and `unknown` are the user's own word for "I look at run time": the codec looks too. */
export type Policy = [
  Is<CanBeSent<unknown>>,
  // biome-ignore lint/suspicious/noExplicitAny: it is what is tested.
  Is<CanBeSent<any>>,
  // biome-ignore lint/suspicious/noExplicitAny: it is what is tested.
  Is<CanBeSent<{ a: any }>>,
  Is<CanBeSent<{ a: unknown }>>,
  Is<CanBeSent<Record<string, unknown>>>,
  Is<CanBeSent<object>>,
  Is<CanBeSent<Record<never, never>>>,
]

export type Objects = [
  Is<CanBeSent<Point>>,
  Is<CanBeSent<{ readonly a: { b: { c: Date } } }>>,
  Is<CanBeSent<Record<string, Point>>>,
  Is<CanBeSent<{ [id: string]: number | undefined }>>,
  Is<CanBeSent<Partial<Point>>>,
  Is<CanBeSent<Readonly<Point> & { z: number }>>,
  Is<CanBeSent<Shape>>,
  Is<CanBeSent<Tree>>,
  Is<CanBeSent<Json>>,
  Is<CanBeSent<Page<Page<Point>>>>,
  Is<CanBeSent<{ [brand]: 'tagged'; id: number }>>,
  Is<CanBeSent<WithGetter>>,
  Is<CannotBeSent<ShapeWithDraw>>,
  Is<CannotBeSent<Page<() => void>>>,
  Is<CannotBeSent<{ a: { b: { c: symbol } } }>>,
  Is<CannotBeSent<{ a?: () => void }>>,
  Is<CannotBeSent<Protocol>>,
  Is<CannotBeSent<Record<string, () => void>>>,
]

export type Lists = [
  Is<CanBeSent<number[]>>,
  Is<CanBeSent<readonly Point[]>>,
  Is<CanBeSent<[string, number?]>>,
  Is<CanBeSent<readonly [x: number, y: number]>>,
  Is<CanBeSent<[first: string, ...rest: number[]]>>,
  Is<CanBeSent<Point[][]>>,
  Is<Equal<Sendable<[string, ...number[]]>, [string, ...number[]]>>,
  Is<Equal<Sendable<readonly [string, number?]>, readonly [string, number?]>>,
  Is<CannotBeSent<(() => void)[]>>,
  Is<CannotBeSent<[string, symbol]>>,
  Is<CannotBeSent<readonly [string, ...symbol[]]>>,
  Is<CannotBeSent<Stack>>,
]

export type Classes = [
  // A class with public fields only has the type of a plain object: the codec refuses it when it is sent.
  Is<CanBeSent<Fields>>,
  Is<CannotBeSent<WithMethod>>,
  Is<CannotBeSent<HashPrivate>>,
  Is<CannotBeSent<KeywordPrivate>>,
  Is<CannotBeSent<WithProtected>>,
  Is<CannotBeSent<typeof WithMethod>>,
  Is<CannotBeSent<abstract new () => Fields>>,
  Is<CannotBeSent<{ nested: HashPrivate }>>,
]

export type Functions = [
  Is<CannotBeSent<() => void>>,
  Is<CannotBeSent<(n: number) => Promise<void>>>,
  Is<CannotBeSent<AnyOverloads>>,
  // biome-ignore lint/complexity/noBannedTypes: it is what is tested.
  Is<CannotBeSent<Function>>,
  Is<CanBeSent<Callback<(row: Point) => void>>>,
  Is<(() => void) extends Sendable<Callback<() => void>> ? true : false>,
  Is<((n: string) => void) extends Sendable<Callback<(n: number) => void>> ? false : true>,
]
interface AnyOverloads {
  (n: number): number
  (s: string): string
}

export type BuiltIns = [
  Is<CanBeSent<Date>>,
  Is<CanBeSent<RegExp>>,
  Is<CanBeSent<URL>>,
  Is<CanBeSent<Map<string, Point>>>,
  Is<CanBeSent<ReadonlyMap<Point, Date>>>,
  Is<CanBeSent<Set<string>>>,
  Is<CanBeSent<ReadonlySet<Point>>>,
  Is<CanBeSent<Map<string, Map<string, Set<number>>>>>,
  Is<CanBeSent<Error>>,
  Is<CanBeSent<TypeError>>,
  Is<CanBeSent<AggregateError>>,
  Is<CanBeSent<NodeJS.ErrnoException>>,
  Is<CanBeSent<NotFound>>,
  // Errors have a codec of their own, so private members are no obstacle.
  Is<CanBeSent<WithSecret>>,
  Is<CannotBeSent<Map<string, () => void>>>,
  Is<CannotBeSent<ReadonlyMap<symbol, number>>>,
  Is<CannotBeSent<Set<() => void>>>,
  Is<CannotBeSent<Registry>>,
  Is<CannotBeSent<Tags>>,
  Is<CannotBeSent<Retryable>>,
  Is<CannotBeSent<WeakMap<object, number>>>,
  Is<CannotBeSent<WeakSet<object>>>,
  Is<CannotBeSent<WeakRef<object>>>,
  Is<CannotBeSent<Promise<string>>>,
  Is<CannotBeSent<PromiseLike<string>>>,
  Is<CannotBeSent<AbortSignal>>,
  Is<CannotBeSent<AbortController>>,
  Is<CannotBeSent<URLSearchParams>>,
]

export type Bytes = [
  Is<CanBeSent<ArrayBuffer>>,
  Is<CanBeSent<Uint8Array>>,
  Is<CanBeSent<Uint8Array<ArrayBuffer>>>,
  Is<CanBeSent<Float64Array>>,
  Is<CanBeSent<BigInt64Array>>,
  Is<CanBeSent<DataView>>,
  Is<CanBeSent<Buffer>>,
  Is<CanBeSent<{ body: Buffer | null }>>,
  Is<CannotBeSent<SharedArrayBuffer>>,
  Is<CannotBeSent<Uint8Array<SharedArrayBuffer>>>,
  Is<CannotBeSent<Int32Array<SharedArrayBuffer>>>,
  Is<CannotBeSent<{ words: Int32Array<SharedArrayBuffer> }>>,
]

export type Streams = [
  Is<CanBeSent<AsyncIterable<Point>>>,
  Is<CanBeSent<AsyncGenerator<Point, void, undefined>>>,
  Is<CannotBeSent<AsyncIterable<() => void>>>,
  Is<CannotBeSent<ReadableStream<string>>>,
  Is<CannotBeSent<Readable>>,
  Is<CannotBeSent<Socket>>,
  Is<CannotBeSent<EventEmitter>>,
  Is<CannotBeSent<MessagePort>>,
  // Declared as an Iterable: an array or a Set can be sent, and satisfies it when it arrives.
  Is<Equal<Sendable<Iterable<Point>>, readonly Point[] | ReadonlySet<Point>>>,
  Is<Point[] extends Sendable<Iterable<Point>> ? true : false>,
  Is<Generator<Point> extends Sendable<Iterable<Point>> ? false : true>,
  Is<CannotBeSent<Generator<number>>>,
  Is<CannotBeSent<IterableIterator<number>>>,
]

export type OwnTypes = [
  Is<CanBeSent<ActorRef<Counter>>>,
  Is<CanBeSent<{ replyTo: ActorRef<Counter>; others: ReadonlyMap<string, ActorRef<Counter>> }>>,
  Is<CanBeSent<ActorRef<WithMethod>[]>>,
  Is<CanBeSent<Frozen<WithMethod>>>,
  Is<CanBeSent<Point | ActorRef<Counter> | null>>,
  Is<CannotBeSent<ActorRef<Counter>['ask']>>,
]

/** The reason is what a user reads, so each has its own. */
type Why<T, Reason extends string> = Equal<Sendable<T>, T & Reason>
export type Reasons = [
  Is<Why<Promise<string>, 'a Promise cannot be sent: await it first'>>,
  Is<Why<PromiseLike<string>, 'a Promise cannot be sent: await it first'>>,
  Is<Why<AbortSignal, 'an AbortSignal cannot be sent: pass { signal } to ask(…), and read this.context.signal'>>,
  Is<Why<SharedArrayBuffer, 'shared memory cannot be sent as it is: send share(typedArray) to a parameter Shared<…>, or send a copy'>>,
  Is<
    Why<
      Uint8Array<SharedArrayBuffer>,
      'shared memory cannot be sent as it is: declare the parameter as Shared<…> and send share(array), or send a copy'
    >
  >,
  Is<Why<Readable, 'a stream object cannot be sent: send its data, or put it into a Queue'>>,
  Is<Why<Registry, 'a subclass of Map cannot be sent'>>,
  Is<Why<Tags, 'a subclass of Set cannot be sent'>>,
  Is<Why<WeakMap<object, number>, 'a weak reference cannot be sent'>>,
  Is<Why<WeakSet<object>, 'a weak reference cannot be sent'>>,
  Is<Why<WeakRef<object>, 'a weak reference cannot be sent'>>,
  Is<Why<EventEmitter, 'an event emitter (a socket, a stream, a server) cannot be sent: let one actor own it, and pass the ActorRef'>>,
  Is<Why<Generator<number>, 'an iterator cannot be sent: send an array'>>,
  Is<Why<HashPrivate, 'an instance of a class without a codec cannot be sent: send plain data, or register a codec'>>,
  Is<Why<() => void, 'a function cannot be sent: declare the parameter as Callback<…>, or pass an ActorRef'>>,
  Is<Equal<Sendable<symbol>, 'a symbol cannot be sent'>>,
]
