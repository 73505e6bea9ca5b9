import { RUNTIME } from './compiler.ts'

/** Where a part that cannot be sent lies, as errors about a result say it, and why. */
type Refusal = readonly [where: string, why: string]
/** A type as a user writes it, with what is wrong with it. */
export type ValueShape = string | readonly [type: string, refusal: Refusal]

const FUNCTION = 'a function cannot be sent: declare the parameter as Callback<…>, or pass an ActorRef'
const SYMBOL = 'a symbol cannot be sent'
const CLASS = 'an instance of a class without a codec cannot be sent: send plain data, or register a codec'
const PROMISE = 'a Promise cannot be sent: await it first'
const SIGNAL = 'an AbortSignal cannot be sent: pass { signal } to ask(…), and read this.context.signal'
const WEAK = 'a weak reference cannot be sent'
const STREAM = 'a stream object cannot be sent: send its data, or put it into a Queue'
const EMITTER = 'an event emitter (a socket, a stream, a server) cannot be sent: let one actor own it, and pass the ActorRef'
const OWNED = 'a MessagePort and a FileHandle have one owner: declare the parameter as Moved<…> and send move(…)'
const MEMORY = 'shared memory cannot be sent as it is: send share(typedArray) to a parameter Shared<…>, or send a copy'
const VIEW = 'shared memory cannot be sent as it is: declare the parameter as Shared<…> and send share(array), or send a copy'

/** The types that the shapes are made of. */
export const VALUE_TYPES = `
import type { EventEmitter } from 'node:events'
import type { FileHandle } from 'node:fs/promises'
import type { Server, Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { MessagePort } from 'node:worker_threads'
import type { Callback, FrozenMap, Moved, Queue, Shared } from '${RUNTIME}index.ts'
declare const brand: unique symbol
declare const method: unique symbol
type UserId = string & { readonly [brand]: 'UserId' }
type Cents = number & { readonly __unit: 'cents' }
interface Point { readonly x: number; readonly y?: number }
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
interface Tree { value: number; children: readonly Tree[]; parent?: Tree }
interface TreeOfHandlers { handler: () => void; children: TreeOfHandlers[] }
type Circle = { kind: 'circle'; r: number }
interface Page<T> { items: T[]; next: string | null }
interface Base { id: string }
interface Derived extends Base { at: Date }
declare enum Level { Low, High }
declare class Fields { amount: number }
declare class WithMethod { amount: number; total(): number }
declare class HashPrivate { #amount: number; get amount(): number }
declare class KeywordPrivate { private readonly amount: number; readonly shown: number }
declare class WithProtected { protected readonly amount: number; readonly shown: number }
declare class NotFound extends Error { readonly status: number }
declare class WithSecret extends Error { #secret: number; reveal?: number }
declare class Retryable extends Error { readonly retry: () => void }
declare class Registry extends Map<string, number> { readonly extra: number }
declare class Tags extends Set<string> { readonly extra: number }
declare class Stack extends Array<number> { top(): number | undefined }
declare class Counter extends Actor { add(n: number): number }
interface WithGetter { get size(): number; set size(value: number) }
interface Overloads { (n: number): number; (s: string): string }
interface Protocol { [method](): void }
interface Fluent { set(n: number): this }
`

/** Whatever a parameter or a result can be, by name. A type alone: it crosses. With a refusal: the compiler's words. */
// biome-ignore format: a table with a row for each shape.
export const VALUE_SHAPES: Record<string, ValueShape> = {
  // ---- without parts
  'a string': 'string',
  'a number': 'number',
  'a boolean': 'boolean',
  'a bigint': 'bigint',
  'null': 'null',
  'undefined': 'undefined',
  'never': 'never',
  'a union of literals': "'a' | 'b' | 1 | true",
  'a template literal': 'Uppercase<`user-1`>',
  'an enum': 'Level',
  'a symbol': ['symbol', ['', SYMBOL]],
  'a unique symbol': ['typeof brand', ['', SYMBOL]],
  'a string or a symbol': ['string | symbol', ['', SYMBOL]],

  // ---- any and unknown are the user's own word for "I look at run time": the codec looks too
  'any': 'any',
  'unknown': 'unknown',
  'any inside': '{ a: any }',
  'unknown inside': '{ a: unknown; list: unknown[] }',
  'a record of unknown': 'Record<string, unknown>',
  'object': 'object',
  'an empty type': '{}',

  // ---- branded
  'a branded string': 'UserId',
  'a branded number': 'Cents',
  'a record by branded key': 'Record<UserId, Cents>',
  'an object with a brand': "{ [brand]: 'tagged'; id: number }",
  'a branded function': ["(() => void) & { [brand]: 'f' }", ['', FUNCTION]],

  // ---- objects
  'an interface': 'Point',
  'an interface that extends one': 'Derived',
  'nested read-only fields': '{ readonly a: { readonly b: { c: Date } } }',
  'a record': 'Record<string, Point>',
  'a field that is called fd': '{ fd: number; text: string }',
  'an index signature': '{ [id: string]: number | undefined }',
  'optional fields': 'Partial<Point>',
  'required fields': 'Required<Point>',
  'picked and left out': "Pick<Derived, 'id'> & Omit<Derived, 'id'>",
  'an intersection': 'Readonly<Point> & { z: number }',
  'a union told apart by a field': "Circle | { kind: 'square'; side: number }",
  'a recursive type': 'Tree',
  'recursive JSON': 'Json',
  'a generic type': 'Page<Page<Point>>',
  'a conditional type': 'Exclude<Point | null, null>',
  'an accessor in an interface': 'WithGetter',
  'a method in a field': ['{ close: () => void }', ['.close', FUNCTION]],
  'an optional method': ['{ close?: () => void }', ['.close', FUNCTION]],
  'a read-only method': ['{ readonly close: () => void }', ['.close', FUNCTION]],
  'a symbol three levels down': ['{ a: { b: { c: symbol } } }', ['.a.b.c', SYMBOL]],
  'one bad member of a union': ["Circle | { kind: 'custom'; draw: () => void }", ['.draw', FUNCTION]],
  'one bad part of an intersection': ['Point & { at: symbol }', ['.at', SYMBOL]],
  'a generic type of a bad one': ['Page<() => void>', ['.items[…]', FUNCTION]],
  'a recursive type with a bad field': ['TreeOfHandlers', ['.handler', FUNCTION]],
  'a method that returns this': ['Fluent', ['.set', FUNCTION]],

  // ---- arrays and tuples
  'an array': 'number[]',
  'a read-only array': 'readonly Point[]',
  'an array of arrays': 'Point[][]',
  'a tuple': '[string, number]',
  'a tuple with an optional end': '[string, number?]',
  'a read-only, labelled tuple': 'readonly [x: number, y: number]',
  'a tuple with a rest': '[first: string, ...rest: number[]]',
  'const': "readonly ['a', { readonly b: 1 }]",
  'an array of functions': ['(() => void)[]', ['[…]', FUNCTION]],
  'a read-only array of symbols': ['readonly symbol[]', ['[…]', SYMBOL]],
  'a tuple with a symbol': ['[string, symbol]', ['[…]', SYMBOL]],
  'a rest of symbols': ['readonly [string, ...symbol[]]', ['[…]', SYMBOL]],

  'a subclass of Array': ['Stack', ['', 'a subclass of Array cannot be sent']],

  // ---- classes
  'a class with public fields only': 'Fields',
  'a class with a method': ['WithMethod', ['.total', FUNCTION]],
  'a class with a #private field': ['HashPrivate', ['', CLASS]],
  'a class with a private field': ['KeywordPrivate', ['', CLASS]],
  'a class with a protected field': ['WithProtected', ['', CLASS]],
  'an instance inside': ['{ nested: HashPrivate }', ['.nested', CLASS]],
  'an instance, or null': ['HashPrivate | null', ['', CLASS]],
  'a class itself': ['typeof WithMethod', ['', FUNCTION]],
  'an abstract constructor': ['abstract new () => Fields', ['', FUNCTION]],

  // ---- functions
  'a function': ['() => void', ['', FUNCTION]],
  'an async function': ['(n: number) => Promise<void>', ['', FUNCTION]],
  'a generic function': ['<T>(value: T) => T', ['', FUNCTION]],
  'an overloaded function': ['Overloads', ['', FUNCTION]],
  'Function': ['Function', ['', FUNCTION]],
  'a generator function': ['() => Generator<number>', ['', FUNCTION]],

  // ---- of the language
  'a Date': 'Date',
  'a RegExp': 'RegExp',
  'a URL': 'URL',
  'a Map': 'Map<string, Point>',
  'a read-only Map': 'ReadonlyMap<Point, Date>',
  'a Map of Maps of Sets': 'Map<string, Map<string, Set<number>>>',
  'a Set': 'Set<string>',
  'a read-only Set': 'ReadonlySet<Point>',
  'an Error': 'Error',
  'a TypeError': 'TypeError',
  'an AggregateError': 'AggregateError',
  'an error of Node': 'NodeJS.ErrnoException',
  'an error of one\'s own': 'NotFound',
  'an error with a #private field': 'WithSecret',
  'a Map to functions': ['Map<string, () => void>', [' (an entry)', FUNCTION]],
  'a read-only Map from symbols': ['ReadonlyMap<symbol, number>', [' (an entry)', SYMBOL]],
  'a Set of functions': ['Set<() => void>', ['[…]', FUNCTION]],
  'a subclass of Map': ['Registry', ['', 'a subclass of Map cannot be sent']],
  'a subclass of Set': ['Tags', ['', 'a subclass of Set cannot be sent']],
  'an error with a method': ['Retryable', ['.retry', FUNCTION]],
  'a WeakMap': ['WeakMap<object, number>', ['', WEAK]],
  'a WeakSet': ['WeakSet<object>', ['', WEAK]],
  'a WeakRef': ['WeakRef<object>', ['', WEAK]],
  'a Promise in a field': ['{ later: Promise<string> }', ['.later', PROMISE]],
  'a thenable in a field': ['{ later: PromiseLike<string> }', ['.later', PROMISE]],
  'an AbortSignal': ['AbortSignal', ['', SIGNAL]],
  'an iterator halfway, in a field': ['{ at: Generator<number> }', ['.at', 'an iterator cannot be sent: send an array']],

  // ---- bytes
  'an ArrayBuffer': 'ArrayBuffer',
  'a Uint8Array': 'Uint8Array<ArrayBuffer>',
  'a Float64Array': 'Float64Array',
  'a BigInt64Array': 'BigInt64Array',
  'a DataView': 'DataView',
  'a Buffer': 'Buffer',
  'a Buffer, or null, in a field': '{ body: Buffer | null }',
  'a SharedArrayBuffer': ['SharedArrayBuffer', ['', MEMORY]],
  'an array over shared memory': ['Int32Array<SharedArrayBuffer>', ['', VIEW]],
  'an array over shared memory, inside': ['{ words: Int32Array<SharedArrayBuffer> }', ['.words', VIEW]],

  // ---- of Node
  'a stream of the web': ['ReadableStream<string>', ['', STREAM]],
  'a stream of Node': ['Readable', ['', STREAM]],
  'a socket': ['Socket', ['', STREAM]],
  'a server': ['Server', ['', EMITTER]],
  'a port': ['MessagePort', ['', OWNED]],
  'a file': ['FileHandle', ['', OWNED]],
  'an emitter': ['EventEmitter', ['', EMITTER]],

  // ---- of Troupe
  'a ref': 'ActorRef<Counter>',
  'refs inside': '{ replyTo: ActorRef<Counter>; others: ReadonlyMap<string, ActorRef<Counter>> }',
  'a ref to an actor that has what cannot be sent': 'ActorRef<Taker>[]',
  'a union with a ref': 'Point | ActorRef<Counter> | null',
  'a callback': 'Callback<(row: Point) => void>',
  'a queue': 'Queue<Point>',
  'a frozen table': 'FrozenMap<string, Point>',
  'shared words': 'Shared<Int32Array<SharedArrayBuffer>>',
  'a moved buffer': 'Moved<ArrayBuffer>',
  'a moved port': 'Moved<MessagePort>',
  'a moved file': 'Moved<FileHandle>',
  'a moved socket': 'Moved<Socket>',
  'a moved server, or none': '{ server?: Moved<Server> }',
  'the methods of a ref': ["ActorRef<Counter>['ask']", ['', FUNCTION]],
}
