import { beforeAll, expect, test } from 'vitest'
import { faultsOf, RUNTIME } from './compiler.ts'

// A mistake is judged by the text it gets: these are the texts of the pinned TypeScript, which has no other interface than
// its command line. A change here is a change of what users read: look at it before you take it over.

/** What the mistakes are made with; it has none itself. */
const GIVEN = `
import type { Socket } from 'node:net'
import type { ActorHooks } from '${RUNTIME}ref/message-name.ts'
import type { ActorClass, ActorRef, ActorsIn, SpawnArgs } from '${RUNTIME}ref/ref-types.ts'
import type { Callback } from '${RUNTIME}ref/sendable.ts'
declare abstract class Actor implements ActorHooks { get context(): unknown; onStart?(): void }
declare class Money { #cents: number; add(other: Money): Money }
interface User { name: string; address: { geo: { at: symbol } } }
declare class Store extends Actor {
  static readonly module: string
  constructor(dir: string, options?: { depth: number })
  balance(): number
  put(id: string, value: number): void
  rename(name: Promise<string>): void
  move(user: User): void
  each(visit: (row: string) => void): void
  visit(visitor: Callback<(row: string) => number>): void
  pay(amount: Money): void
  query(options: { text: string; signal?: AbortSignal }): void
  attach(socket: Socket): void
  fill(words: Int32Array<SharedArrayBuffer>): void
  add(items: Iterable<number>): void
  open(): { socket: { close(): void } }
  list(): AsyncGenerator<number>
  load(rows: AsyncIterable<number>, done?: Callback<() => void>): number
  inspect(): void
}
declare class NoModule extends Actor { constructor(size: number) }
declare class Hooked extends Actor { static readonly module: string; constructor(hook: () => void) }
declare const store: ActorRef<Store>
declare const user: User
declare const money: Money
declare const socket: Socket
declare const numbers: Generator<number>
declare const rows: AsyncIterable<number>
declare const module: ActorsIn<{ Store: typeof Store; Money: typeof Money }>
declare function spawn<A extends ActorHooks, P extends readonly unknown[]>(actor: ActorClass<A, P>, ...options: SpawnArgs<P>): Promise<ActorRef<A>>
`

const FUNCTION = 'a function cannot be sent: declare the parameter as Callback<…>, or pass an ActorRef'
const TOLD = 'a tell takes no functions and no iterables, which last as long as an ask: use ask'
const BLOCKING = 'a blocking call takes no iterables, because its thread could not give the items: use ask'
const SIGNAL = 'an AbortSignal cannot be sent: pass { signal } to ask(…), and read this.context.signal'
const STREAM = 'a stream object cannot be sent: send its data, or put it into a Queue'
const CLASS = 'an instance of a class without a codec cannot be sent: send plain data, or register a codec'
const STORE_ARGS = 'readonly [dir: string, options?: { depth: number; } | undefined]'

/** A line of code with one mistake, and the lines that the compiler says about it. */
const MISTAKES: Record<string, readonly string[]> = {
  'store.ask.balance()': [],

  // ---- names
  'store.ask.balanse()': [`Property 'balanse' does not exist on type 'AskMethods<Store>'. Did you mean 'balance'?`],
  'store.tell.balanse()': [`Property 'balanse' does not exist on type 'TellMethods<Store>'. Did you mean 'balance'?`],
  'store.askSync.balanse()': [`Property 'balanse' does not exist on type 'AskSyncMethods<Store>'. Did you mean 'balance'?`],
  'store.ask({ timeoutMs: 5 }).balanse()': [`Property 'balanse' does not exist on type 'AskMessages<Store>'. Did you mean 'balance'?`],
  'store.balance()': [`Property 'balance' does not exist on type 'ActorRef<Store>'.`],
  'store.ask.onStart()': [`Property 'onStart' does not exist on type 'AskMethods<Store>'.`],
  'store.ask.inspect()': [
    'This expression is not callable.',
    `  Type 'NotSendable<"inspect(): this name belongs to the language, rename the method">' has no call signatures.`,
  ],
  'store.ask.balance = async () => 1': [`Cannot assign to 'balance' because it is a read-only property.`],

  // ---- options
  'store.ask({ timeout: 5 }).balance()': [
    `Object literal may only specify known properties, but 'timeout' does not exist in type 'AskOptions'. Did you mean to write 'timeoutMs'?`,
  ],
  "store.ask({ whenFull: 'drop' }).balance()": [`Type '"drop"' is not assignable to type '"refuse" | "wait" | undefined'.`],
  'store.tell({ timeoutMs: 5 }).balance()': [
    `Argument of type '{ timeoutMs: number; }' is not assignable to parameter of type 'TellOptions | TellRefusal'.`,
    `  Property 'whenFull' is missing in type '{ timeoutMs: number; }' but required in type 'TellOptions'.`,
  ],
  'store.askSync({ signal: AbortSignal.timeout(5) }).balance()': [
    `Object literal may only specify known properties, and 'signal' does not exist in type 'AskSyncOptions'.`,
  ],

  // ---- arguments
  "store.ask.put('a')": ['Expected 2 arguments, but got 1.'],
  "store.ask.put('a', 'b')": [`Argument of type 'string' is not assignable to parameter of type 'number'.`],
  "store.tell.rename(Promise.resolve('a'))": [
    `Argument of type 'Promise<string>' is not assignable to parameter of type 'Promise<string> & "a Promise cannot be sent: await it first"'.`,
    `  Type 'Promise<string>' is not assignable to type '"a Promise cannot be sent: await it first"'.`,
  ],
  'store.tell.move(user)': [
    `Argument of type 'User' is not assignable to parameter of type 'SendableFields<User>'.`,
    `  The types of 'address.geo.at' are incompatible between these types.`,
    `    Type 'symbol' is not assignable to type 'NotSendable<"a symbol cannot be sent">'.`,
  ],
  'store.tell.each((row) => void row.length)': [
    `Argument of type '(row: string) => undefined' is not assignable to parameter of type '((row: string) => void) & "${FUNCTION}"'.`,
    `  Type '(row: string) => undefined' is not assignable to type '"${FUNCTION}"'.`,
  ],
  'store.tell.visit((row: string) => row.length)': [
    `Argument of type '(row: string) => number' is not assignable to parameter of type 'NotSendable<"${TOLD}">'.`,
  ],
  'store.tell.load(rows)': [`Property '[why]' is missing in type 'AsyncIterable<number>' but required in type 'NotSendable<"${TOLD}">'.`],
  'store.askSync.load(rows)': [
    `Property '[why]' is missing in type 'AsyncIterable<number>' but required in type 'NotSendable<"${BLOCKING}">'.`,
  ],
  'store.ask.load(rows, () => {})': [],
  'store.ask.visit((row) => row)': [`Type 'string' is not assignable to type 'number | Promise<number>'.`],
  'store.ask.visit((row: number) => row)': [
    "Argument of type '(row: number) => number' is not assignable to parameter of type 'CallbackArgument<(row: string) => number>'.",
    "  Type '(row: number) => number' is not assignable to type '(row: string) => number | Promise<number>'.",
    "    Types of parameters 'row' and 'row' are incompatible.",
    "      Type 'string' is not assignable to type 'number'.",
  ],
  'store.tell.pay(money)': [
    `Argument of type 'Money' is not assignable to parameter of type 'Money & "${CLASS}"'.`,
    `  Type 'Money' is not assignable to type '"${CLASS}"'.`,
  ],
  "store.tell.query({ text: 'a', signal: AbortSignal.timeout(5) })": [
    `Type 'AbortSignal' is not assignable to type 'AbortSignal & "${SIGNAL}"'.`,
    `  Type 'AbortSignal' is not assignable to type '"${SIGNAL}"'.`,
  ],
  'store.tell.attach(socket)': [
    `Argument of type 'Socket' is not assignable to parameter of type 'Socket & "${STREAM}"'.`,
    `  Type 'Socket' is not assignable to type '"${STREAM}"'.`,
  ],
  'store.tell.fill(new Int32Array(new SharedArrayBuffer(4)))': [
    `Argument of type 'Int32Array<SharedArrayBuffer>' is not assignable to parameter of type 'Int32Array<SharedArrayBuffer> & "shared memory cannot be sent as it is: declare the parameter as Shared<…> and send share(array), or send a copy"'.`,
    `  Type 'Int32Array<SharedArrayBuffer>' is not assignable to type '"shared memory cannot be sent as it is: declare the parameter as Shared<…> and send share(array), or send a copy"'.`,
  ],
  'store.tell.add(numbers)': [
    `Argument of type 'Generator<number, any, any>' is not assignable to parameter of type 'readonly number[] | ReadonlySet<number>'.`,
    `  Type 'Generator<number, any, any>' is missing the following properties from type 'readonly number[]': length, concat, join, slice, and 17 more.`,
  ],

  // ---- results
  'const text: string = await store.ask.balance()': [`Type 'number' is not assignable to type 'string'.`],
  'store.ask.open()': [
    'This expression is not callable.',
    `  Type 'NotSendable<"open(): the result.socket.close: ${FUNCTION}">' has no call signatures.`,
  ],
  'store.tell.list()': [
    'This expression is not callable.',
    `  Type 'NotSendable<"list(): a stream has no one-way form, use ask">' has no call signatures.`,
  ],

  // ---- spawn
  'spawn(NoModule, { args: [1] })': [
    `Property 'module' is missing in type 'typeof NoModule' but required in type 'ActorClass<NoModule, [size: number]>'.`,
  ],
  'spawn(Store)': ['Expected 2 arguments, but got 1.'],
  "spawn(Store, { name: 'store' })": [
    `Argument of type '{ name: string; }' is not assignable to parameter of type 'SpawnOptions & { readonly args: ${STORE_ARGS}; }'.`,
    `  Property 'args' is missing in type '{ name: string; }' but required in type '{ readonly args: ${STORE_ARGS}; }'.`,
  ],
  'spawn(Store, { args: [] })': [
    `Type '[]' is not assignable to type '${STORE_ARGS}'.`,
    '  Source has 0 element(s) but target requires 1.',
  ],
  'spawn(Store, { args: [1] })': [`Type 'number' is not assignable to type 'string'.`],
  "spawn(Store, { args: ['a'], nmae: 'store' })": [
    `Object literal may only specify known properties, and 'nmae' does not exist in type 'SpawnOptions & { readonly args: ${STORE_ARGS}; }'.`,
  ],
  'spawn(Hooked, { args: [() => {}] })': [
    `Type '() => void' is not assignable to type '(() => void) & "${FUNCTION}"'.`,
    `  Type '() => void' is not assignable to type '"${FUNCTION}"'.`,
  ],
  'module.Storre': [
    `Property 'Storre' does not exist on type 'ActorsIn<{ Store: typeof Store; Money: typeof Money; }>'. Did you mean 'Store'?`,
  ],
  'module.Money': [`Property 'Money' does not exist on type 'ActorsIn<{ Store: typeof Store; Money: typeof Money; }>'.`],
}

const lines = Object.keys(MISTAKES)
let texts: readonly (readonly string[])[] = []

beforeAll(() => {
  const faults = faultsOf(lines.map((line) => `${GIVEN}${line}\nexport {}\n`))
  texts = faults.map((program) => program.flatMap((fault) => fault.texts))
})

test.each(lines.map((line, index) => [line, index] as const))('%s', (line, index) => {
  expect(texts[index]).toEqual(MISTAKES[line])
})
