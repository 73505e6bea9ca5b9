// Checked by `tsc --noEmit`: what the methods of an actor become in its ref. Nothing here runs.
import type { ActorHooks } from '../../packages/runtime/src/ref/message-name.ts'
import type { ActorRef, AnyRef, AskMessages, AskOptions, TellMessages } from '../../packages/runtime/src/ref/ref-types.ts'
import type { Callback, NotSendable } from '../../packages/runtime/src/ref/sendable.ts'
import type { Equal, Is } from './assertions.ts'

interface Row {
  id: string
  at?: Date
}
declare const hidden: unique symbol

abstract class Actor implements ActorHooks {
  declare readonly context: { readonly path: string }
  onStart?(): void | Promise<void>
  onStop?(reason: string): void
  onSignal?(signal: { readonly from: string }): void
}

class Store extends Actor {
  override onStart(): void {}
  readonly rows = new Map<string, Row>()
  label = 'store'
  get count(): number {
    return this.rows.size
  }
  [hidden](): void {}
  #secret(): void {}
  private alsoSecret(): void {}
  protected guarded(): void {}
  static of(): Store {
    return new Store()
  }
  optional?(n: number): string

  put(row: Row): void {
    this.rows.set(row.id, row)
    this.#secret()
    this.alsoSecret()
  }
  get(id: string): Row | undefined {
    return this.rows.get(id)
  }
  async load(id: string, fresh?: boolean): Promise<Row> {
    return { id, at: new Date(Number(fresh)) }
  }
  maybe(n: number): string | Promise<string> {
    return String(n)
  }
  many(...ids: readonly string[]): readonly Row[] {
    return ids.map((id) => ({ id }))
  }
  between(range: readonly [from: number, to?: number]): number {
    return range[0]
  }
  tagged(list: [tag: string, ...values: number[]]): number {
    return list.length
  }
  withDefault(page = 1, { size = 10 }: { size?: number } = {}): number {
    return page * size
  }
  async first<T extends Row>(rows: readonly T[]): Promise<T | undefined> {
    return rows[0]
  }
  identity<T extends Row>(row: T): T {
    return row
  }
  async find(by: number): Promise<number>
  async find(by: string): Promise<string>
  async find(by: number | string): Promise<number | string> {
    return by
  }
  parse(text: string): number
  parse(text: Uint8Array): bigint
  parse(text: string | Uint8Array): number | bigint {
    return text.length
  }
  async *list(from: number): AsyncGenerator<Row, void, undefined> {
    yield { id: String(from) }
  }
  *count3(): Generator<number, string, undefined> {
    yield 1
    return 'end'
  }
  async upload(chunks: AsyncIterable<Uint8Array>): Promise<number> {
    let bytes = 0
    for await (const chunk of chunks) bytes += chunk.byteLength
    return bytes
  }
  putAll(rows: Iterable<Row>): Iterable<Row> {
    return rows
  }
  each(visit: Callback<(row: Row) => boolean>): number {
    return Number(visit)
  }
  tap(tap: Callback<(...rows: readonly Row[]) => void>): void {
    void tap({ id: 'a' }, { id: 'b' }).then(() => {})
  }
  forward(to: ActorRef<Store>): ActorRef<Store> {
    return to
  }
  // biome-ignore lint/suspicious/noExplicitAny: it is what is tested.
  anything(value: any): any {
    return value
  }
  opaque(value: unknown): unknown {
    return value
  }
  fail(): never {
    throw new Error('no')
  }
  query(options: { signal?: AbortSignal; text: string }): void {
    void options
  }
  chain(): this {
    return this
  }
  open(): { socket: { close: () => void } } {
    return { socket: { close() {} } }
  }
  handlers(): Map<string, () => void> {
    return new Map()
  }
  deep(): { a: { b: { c: { d: { e: () => void } } } } } {
    return { a: { b: { c: { d: { e() {} } } } } }
  }
  token(): symbol {
    return hidden
  }
  async later(): Promise<{ then2: () => void }[]> {
    return []
  }
  async *leaky(): AsyncGenerator<() => void> {
    yield () => {}
  }
}

/** Names that `await`, JSON and inspect look up. */
class Awkward extends Actor {
  inspect(): string {
    return ''
  }
  override toString(): string {
    return ''
  }
  then(): void {}
}

class Archive extends Store {
  compress(level: 1 | 2 | 3): Buffer {
    return Buffer.alloc(level)
  }
}

interface Box<T> {
  set(value: T): void
  get(): T
}

type Ask = AskMessages<Store>
type Tell = TellMessages<Store>
type Sync = ActorRef<Store>['askSync']

/** Everything that is a message, and nothing else. */
export type Names = [
  Is<
    Equal<
      keyof Ask,
      | 'optional'
      | 'put'
      | 'get'
      | 'load'
      | 'maybe'
      | 'many'
      | 'between'
      | 'tagged'
      | 'withDefault'
      | 'first'
      | 'identity'
      | 'find'
      | 'parse'
      | 'list'
      | 'count3'
      | 'upload'
      | 'putAll'
      | 'each'
      | 'tap'
      | 'forward'
      | 'anything'
      | 'opaque'
      | 'fail'
      | 'query'
      | 'chain'
      | 'open'
      | 'handlers'
      | 'deep'
      | 'token'
      | 'later'
      | 'leaky'
    >
  >,
  Is<Equal<keyof Ask, keyof Tell>>,
  Is<Equal<keyof AskMessages<Archive>, keyof Ask | 'compress'>>,
]

export type Replies = [
  Is<Equal<Ask['put'], (row: Row) => Promise<void>>>,
  Is<Equal<Ask['get'], (id: string) => Promise<Row | undefined>>>,
  Is<Equal<Ask['load'], Store['load']>>,
  Is<Equal<Ask['maybe'], (n: number) => Promise<string>>>,
  Is<Equal<Ask['optional'], (n: number) => Promise<string>>>,
  Is<Equal<Ask['many'], (...ids: readonly string[]) => Promise<readonly Row[]>>>,
  Is<Equal<Ask['between'], (range: readonly [from: number, to?: number]) => Promise<number>>>,
  Is<Equal<Ask['tagged'], (list: [tag: string, ...values: number[]]) => Promise<number>>>,
  Is<Equal<Ask['withDefault'], (page?: number, options?: { size?: number }) => Promise<number>>>,
  Is<Equal<Ask['forward'], (to: ActorRef<Store>) => Promise<ActorRef<Store>>>>,
  // biome-ignore lint/suspicious/noExplicitAny: it is what is tested.
  Is<Equal<Ask['anything'], (value: any) => Promise<any>>>,
  Is<Equal<Ask['opaque'], (value: unknown) => Promise<unknown>>>,
  Is<Equal<Ask['fail'], () => Promise<never>>>,
  Is<Equal<AskMessages<Archive>['compress'], (level: 1 | 2 | 3) => Promise<Buffer>>>,
  Is<Equal<AskMessages<Box<number>>['set'], (value: number) => Promise<void>>>,
  Is<Equal<AskMessages<Box<Row>>['get'], () => Promise<Row>>>,
]

/** A method that answers with a promise keeps its generics and overloads; a synchronous one widens, and keeps its last overload. */
export type GenericsAndOverloads = [
  Is<Equal<Ask['first'], Store['first']>>,
  Is<Equal<Ask['find'], Store['find']>>,
  Is<Equal<Ask['identity'], (row: Row) => Promise<Row>>>,
  Is<Equal<Ask['parse'], (text: Uint8Array) => Promise<bigint>>>,
]

export type OneWay = [
  Is<Equal<Tell['put'], (row: Row) => boolean>>,
  Is<Equal<Tell['load'], (id: string, fresh?: boolean) => boolean>>,
  Is<Equal<Tell['putAll'], (rows: readonly Row[] | ReadonlySet<Row>) => boolean>>,
  Is<Equal<Tell['fail'], () => boolean>>,
  Is<Equal<TellMessages<Store, Promise<boolean>>['put'], (row: Row) => Promise<boolean>>>,
  // What nobody receives need not be sendable.
  Is<Equal<Tell['open'], () => boolean>>,
  Is<Equal<Tell['list'], NotSendable<'list(): a stream has no one-way form, use ask'>>>,
  Is<Equal<Tell['count3'], NotSendable<'count3(): a stream has no one-way form, use ask'>>>,
]

export type Blocking = [
  Is<Equal<Sync['put'], (row: Row) => void>>,
  Is<Equal<Sync['load'], (id: string, fresh?: boolean) => Row>>,
  Is<Equal<Sync['maybe'], (n: number) => string>>,
  Is<Equal<Sync['fail'], () => never>>,
  // biome-ignore lint/suspicious/noExplicitAny: it is what is tested.
  Is<Equal<Sync['anything'], (value: any) => any>>,
  Is<Equal<Sync['list'], (from: number) => Generator<Row, void, undefined>>>,
]

/** The caller passes a plain function, or hands on a callback of its own; the actor awaits what it calls. */
export type Callbacks = [
  Is<((row: Row) => boolean) extends Parameters<Ask['each']>[0] ? true : false>,
  Is<((row: Row) => Promise<boolean>) extends Parameters<Ask['each']>[0] ? true : false>,
  Is<((row: Row) => string) extends Parameters<Ask['each']>[0] ? false : true>,
  Is<((...rows: Row[]) => number) extends Parameters<Ask['tap']>[0] ? true : false>,
  Is<Callback<(row: Row) => boolean> extends Parameters<Ask['each']>[0] ? true : false>,
  Is<Equal<ReturnType<Callback<(row: Row) => Promise<boolean>>>, Promise<boolean>>>,
  Is<Equal<Parameters<Callback<(a: string, b?: number) => void>>, [a: string, b?: number | undefined]>>,
]

export type Streams = [
  Is<Equal<Ask['list'], Store['list']>>,
  Is<Equal<Ask['count3'], () => AsyncGenerator<number, string, undefined>>>,
  Is<Equal<Ask['upload'], Store['upload']>>,
]

export type Refused = [
  Is<
    Equal<
      Ask['chain'],
      NotSendable<'chain(): the result: an instance of a class without a codec cannot be sent: send plain data, or register a codec'>
    >
  >,
  Is<
    Equal<
      Ask['open'],
      NotSendable<'open(): the result.socket.close: a function cannot be sent: declare the parameter as Callback<…>, or pass an ActorRef'>
    >
  >,
  Is<
    Equal<
      Ask['handlers'],
      NotSendable<'handlers(): the result (an entry): a function cannot be sent: declare the parameter as Callback<…>, or pass an ActorRef'>
    >
  >,
  Is<Equal<Ask['putAll'], NotSendable<'putAll(): the result: an iterator cannot be sent: declare an array'>>>,
  Is<Equal<Ask['deep'], NotSendable<'deep(): the result.a.b.c.d: something in it cannot be sent'>>>,
  Is<Equal<Ask['token'], NotSendable<'token(): the result: a symbol cannot be sent'>>>,
  Is<
    Equal<
      Ask['later'],
      NotSendable<'later(): the result[…].then2: a function cannot be sent: declare the parameter as Callback<…>, or pass an ActorRef'>
    >
  >,
  Is<
    Equal<
      Ask['leaky'],
      NotSendable<'leaky(): the result[…]: a function cannot be sent: declare the parameter as Callback<…>, or pass an ActorRef'>
    >
  >,
  Is<Equal<AskMessages<Awkward>['inspect'], NotSendable<'inspect(): this name belongs to the language, rename the method'>>>,
  Is<Equal<AskMessages<Awkward>['toString'], NotSendable<'toString(): this name belongs to the language, rename the method'>>>,
  Is<Equal<AskMessages<Awkward>['then'], NotSendable<'then(): this name belongs to the language, rename the method'>>>,
  Is<Equal<Awaited<ActorRef<Awkward>['ask']>, ActorRef<Awkward>['ask']>>,
]

/** A ref to more can stand for a ref to less, and not the other way round. */
export type Variance = [
  Is<ActorRef<Archive> extends ActorRef<Store> ? true : false>,
  Is<ActorRef<Store> extends ActorRef<Archive> ? false : true>,
  Is<ActorRef<Store> extends ActorRef<Pick<Store, 'get' | 'put'>> ? true : false>,
  Is<ActorRef<Store> extends AnyRef ? true : false>,
  Is<AnyRef extends ActorRef<Store> ? false : true>,
  Is<ActorRef<Store> extends ActorRef<infer A> ? Equal<A, Store> : false>,
]

/** The forms of a call, as a user writes them. */
export async function calls(store: ActorRef<Store>, archive: ActorRef<Archive>, request: AbortSignal, options?: AskOptions): Promise<void> {
  const row: Row | undefined = await store.ask.get('a')
  const accepted: boolean = store.tell.put({ id: 'a' })
  const waited: Promise<boolean> = store.tell({ whenFull: 'wait', timeoutMs: 50 }).put({ id: 'a' })
  const refused: boolean = store.tell({ whenFull: 'refuse' }).put({ id: 'a' })
  const sync: number = store.askSync({ timeoutMs: 5, whenFull: 'wait' }).withDefault()
  await store.ask({ timeoutMs: 200, signal: request, whenFull: 'wait' }).get('a')
  await store.ask({ timeoutMs: options?.timeoutMs }).get('a')
  const { load } = store.ask
  const rows: Row[] = await Promise.all(['a', 'b'].map((id) => load(id)))
  await Promise.all(['a', 'b'].map(store.ask.get))
  const kept: { id: string; extra: number } | undefined = await store.ask.first([{ id: 'a', extra: 1 }])
  const found: [number, string] = [await store.ask.find(1), await store.ask.find('1')]
  for await (const item of store.ask.list(1)) rows.push(item)
  for (const item of store.askSync.list(1)) rows.push(item)
  // The function is typed by the parameter: `row` is a Row.
  await store.ask.each((row) => row.id === 'a')
  await store.ask.each(async (row) => (await store.ask.get(row.id)) !== undefined)
  await store.ask.tap((first) => rows.push(first as Row))
  await archive.ask.get('inherited')
  const anyone: AnyRef[] = [store, archive]
  void [row, accepted, waited, refused, sync, kept, found, anyone]
}

/** A ref of the actor's own generic type works where the type is known, and as a base type where it is not. */
export function open(ref: ActorRef<Box<{ id: string }>>): Promise<void> {
  return ref.ask.set({ id: 'a' })
}
