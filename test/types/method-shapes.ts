/** An actor's members, and a call through its ref. Refused: what the compiler points to, and what it says there. */
export interface MethodShape {
  readonly members: string
  readonly call: string
  readonly refused?: readonly [at: string, says: string]
}

/** Of whatever else a method can be. `ref` is a ref to the actor with those members, `row` is a Row. */
export const METHOD_TYPES = `
interface Row { id: string; at?: Date }
declare const row: Row
`

const absent = (name: string, methods = 'AskMethods<Tried>'): string => `Property '${name}' does not exist on type '${methods}'.`
const missing = (count: number, got: number): string => `Expected ${count} arguments, but got ${got}.`

// biome-ignore format: a table with a row for each shape.
export const METHOD_SHAPES: Record<string, MethodShape> = {
  // ---- parameters
  'a required parameter, missing': { members: 'f(a: string, b: number): void', call: "ref.ask.f('a')", refused: ['f', missing(2, 1)] },
  'an optional parameter': { members: 'f(a: string, b?: number): void', call: "ref.ask.f('a'); ref.ask.f('a', 1); ref.ask.f('a', undefined)" },
  'a rest': { members: 'f(...all: string[]): void', call: "ref.ask.f(); ref.ask.f('a', 'b')" },
  'a read-only rest': { members: 'f(...all: readonly string[]): void', call: "ref.ask.f('a', 'b')" },
  'a rest of a tuple': { members: 'f(...all: [a: string, b?: number]): void', call: "ref.ask.f('a', 1)" },
  'a rest of symbols': { members: 'f(...all: symbol[]): void', call: 'ref.ask.f(Symbol())', refused: ['Symbol()', 'a symbol cannot be sent'] },
  'the second of two parameters is the bad one': {
    members: 'f(a: string, b: Promise<string>): void',
    call: "ref.ask.f('a', Promise.resolve('b'))",
    refused: ["Promise.resolve('b')", 'a Promise cannot be sent: await it first'],
  },
  'an array where Iterable is declared': { members: 'f(all: Iterable<Row>): void', call: 'ref.ask.f([row]); ref.ask.f(new Set([row]))' },
  'an iterator where Iterable is declared': {
    members: 'f(all: Iterable<Row>): void',
    call: 'ref.ask.f([row].values())',
    refused: ['[row].values()', "Type 'ArrayIterator<Row>' is missing the following properties from type 'readonly "],
  },
  'a stream as an argument': { members: 'async f(all: AsyncIterable<Row>): Promise<void>', call: 'ref.ask.f((async function* () { yield row })())' },
  'a stream of functions': {
    members: 'f(all: AsyncIterable<() => void>): void',
    call: 'declare const all: AsyncIterable<() => void>; ref.ask.f(all)',
    refused: ['all)', 'a function cannot be sent'],
  },
  'a function to a callback': { members: 'f(visit: Callback<(row: Row) => boolean>): void', call: "ref.ask.f((row) => row.id === 'a'); ref.ask.f(async () => true)" },
  'a function of another kind to a callback': {
    members: 'f(visit: Callback<(row: Row) => boolean>): void',
    call: 'ref.ask.f((row) => row.id)',
    refused: ['row.id)', "Type 'string' is not assignable to type 'boolean | Promise<boolean>'."],
  },

  // ---- generics and overloads
  'an async generic': { members: 'f<T extends Row>(rows: readonly T[]): Promise<T | undefined>', call: "const one: { id: string; n: number } | undefined = await ref.ask.f([{ id: 'a', n: 1 }])" },
  'an async generic, beyond its bound': { members: 'f<T extends Row>(row: T): Promise<T>', call: 'ref.ask.f({ id: 1 })', refused: ['id: 1', "Type 'number' is not assignable to type 'string'."] },
  'a synchronous generic is its bound': { members: 'f<T extends Row>(row: T): T', call: 'const got: Row = await ref.ask.f(row)' },
  'async overloads': { members: 'f(by: number): Promise<number>; f(by: string): Promise<string>', call: "const n: number = await ref.ask.f(1); const s: string = await ref.ask.f('1')" },
  'synchronous overloads: the last': { members: 'f(by: number): number; f(by: string): string', call: "const s: string = await ref.ask.f('1')" },
  'synchronous overloads: not the first': { members: 'f(by: number): number; f(by: string): string', call: 'ref.ask.f(1)', refused: ['1', "Argument of type 'number' is not assignable to parameter of type 'string'."] },

  'an async generic without a bound: looked at when it is sent': { members: 'f<T>(value: T): Promise<T>', call: 'ref.ask.f(Symbol())' },
  'async overloads before the last: looked at when they are sent': { members: 'f(by: symbol): Promise<void>; f(by: string): Promise<string>', call: 'ref.ask.f(Symbol())' },

  // ---- results
  'no result': { members: 'f(): void', call: 'const nothing: void = await ref.ask.f()' },
  'a promise, or not': { members: 'f(): string | Promise<string>', call: 'const text: string = await ref.ask.f(); const now: string = ref.askSync.f()' },
  'never': { members: 'f(): never', call: 'const nothing: never = await ref.ask.f()' },
  'a type predicate is a boolean': { members: 'f(value: unknown): value is string', call: "const is: boolean = await ref.ask.f('a')" },
  'a stream': { members: 'f(): AsyncGenerator<Row, string, undefined>', call: 'for await (const one of ref.ask.f()) one.id; for (const one of ref.askSync.f()) one.id' },
  'a synchronous generator is a stream': { members: 'f(): Generator<Row>', call: 'for await (const one of ref.ask.f()) one.id' },
  'a stream that no generator gives': { members: 'f(): AsyncIterable<Row>', call: 'ref.ask.f()', refused: ['f()', 'f(): the result: a stream is a method that is written as a generator, async *name(), of type AsyncGenerator'] },
  'the same, blocking': { members: 'f(): AsyncIterableIterator<Row>', call: 'ref.askSync.f()', refused: ['f()', 'f(): the result: a stream is a method'] },
  'a promise of a stream': { members: 'async f(): Promise<AsyncGenerator<Row>>', call: 'ref.ask.f()', refused: ['f()', 'f(): the result: a stream is a method'] },
  'a queue is none': { members: 'f(): Promise<Queue<number>>', call: 'const queue: Queue<number> = await ref.ask.f()' },
  'a stream has no tell': { members: 'f(): AsyncGenerator<Row>', call: 'ref.tell.f()', refused: ['f()', `Type 'NotSendable<"f(): a stream has no one-way form, use ask">' has no call signatures.`] },
  'an iterator as a result': { members: 'f(): Iterable<Row>', call: 'ref.ask.f()', refused: ['f()', 'f(): the result: an iterator cannot be sent: declare an array'] },
  'what nobody receives need not cross': { members: 'f(): () => void', call: 'ref.tell.f()' },
  'this as a result': { members: 'f(): this', call: 'ref.ask.f()', refused: ['f()', 'f(): the result'] },
  'this as a parameter': { members: 'f(other: this): boolean', call: 'declare const tried: Tried; ref.ask.f(tried)', refused: ['tried)', 'cannot be sent'] },
  'a declared this': { members: 'f(this: Tried, n: number): number', call: 'ref.ask.f(1); ref.tell.f(1); ref.askSync.f(1)' },
  'a declared this of an async method': { members: 'f(this: Tried, n: number): Promise<number>', call: 'ref.ask.f(1); ref.tell.f(1); ref.askSync.f(1)' },

  // ---- members that are no messages
  'a private method': { members: 'private f(): void', call: 'ref.ask.f()', refused: ['f()', absent('f')] },
  'a protected method': { members: 'protected f(): void', call: 'ref.tell.f()', refused: ['f()', absent('f', 'TellMethods<Tried>')] },
  'a #private method': { members: '#f(): void', call: "ref.ask['#f']()", refused: ["'#f'", `Property '#f' does not exist on type 'AskMethods<Tried>'.`] },
  'a field': { members: 'f: number', call: 'ref.ask.f', refused: ['f', absent('f')] },
  'a read-only field': { members: 'readonly f: Row', call: 'ref.ask.f', refused: ['f', absent('f')] },
  'a getter': { members: 'get f(): number', call: 'ref.ask.f', refused: ['f', absent('f')] },
  'a setter': { members: 'set f(value: number)', call: 'ref.ask.f', refused: ['f', absent('f')] },
  'a static method': { members: 'static f(): void', call: 'ref.ask.f()', refused: ['f()', absent('f')] },
  'a method under a symbol': { members: '[Symbol.iterator](): Iterator<number>', call: 'ref.ask[Symbol.iterator]()', refused: ['ref.ask[Symbol', "Property '[SymbolConstructor.iterator]' does not exist on type 'AskMethods<Tried>'."] },
  'a hook': { members: 'override onStart(): void', call: 'ref.ask.onStart()', refused: ['onStart', absent('onStart')] },
  'the context': { members: 'f(): void', call: 'ref.ask.context', refused: ['context', absent('context')] },
  'a name of the language': { members: 'toJSON(): string', call: 'ref.ask.toJSON()', refused: ['toJSON()', 'toJSON(): this name belongs to the language, rename the method'] },
  'an optional method': { members: 'f?(n: number): string', call: 'const text: string = await ref.ask.f(1)' },
  'an inherited method': { members: 'f(): void', call: 'ref.ask.inherited(1)' },
  'a method that is overridden with less': { members: 'override inherited(): number', call: 'const n: number = await ref.ask.inherited()' },

  // ---- generic actors, and refs that stand for others
  'a generic actor': { members: 'f(): void', call: 'declare const box: ActorRef<Box<Row>>; const got: Row = await box.ask.get(); box.tell.set(row)' },
  'a generic actor of what cannot be sent': { members: 'f(): void', call: 'declare const box: ActorRef<Box<symbol>>; box.ask.get()', refused: ['get()', 'get(): the result: a symbol cannot be sent'] },
  'a ref to less': { members: 'f(): void; g(): void', call: "const less: ActorRef<Pick<Tried, 'f'>> = ref; less.ask.f()" },
  'a ref to an interface': { members: 'f(): Promise<void>', call: 'interface Does { f(): Promise<void> }; const does: ActorRef<Does> = ref; does.ask.f()' },
  'a ref to more': { members: 'f(): void', call: 'const more: ActorRef<Tried & { g(): void }> = ref', refused: ['more', "is not assignable to type 'ActorRef<Tried & { g(): void; }>'"] },
}
