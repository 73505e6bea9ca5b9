// Checked by `tsc --noEmit`: what spawn and child accept, and what they give. Nothing here runs.
import type { ActorHooks } from '../../packages/runtime/src/ref/message-name.ts'
import type { ActorClass, ActorRef, ActorsIn, SpawnArgs } from '../../packages/runtime/src/ref/ref-types.ts'
import type { Equal, Is } from './assertions.ts'

abstract class Actor implements ActorHooks {
  declare readonly context: { readonly path: string }
}
interface ChildOptions {
  readonly name: string
  readonly restart?: 'permanent' | 'transient'
}
interface ChildSpec<A> {
  readonly actor: ActorClass<A>
}

declare function spawn<A extends ActorHooks, P extends readonly unknown[]>(
  actor: ActorClass<A, P>,
  ...options: SpawnArgs<P>
): Promise<ActorRef<A>>
declare function child<A extends ActorHooks, P extends readonly unknown[]>(
  actor: ActorClass<A, P>,
  ...options: SpawnArgs<P, ChildOptions>
): ChildSpec<A>

class Counter extends Actor {
  static readonly module: string = 'file:///counter.ts'
  readonly start: number
  constructor(start = 0) {
    super()
    this.start = start
  }
  add(n: number): number {
    return n
  }
}
class Plain extends Actor {
  static readonly module: string = 'file:///plain.ts'
}
class Indexer extends Actor {
  static readonly module: string = 'file:///indexer.ts'
  readonly dir: string
  constructor(dir: string, options?: { depth: number }) {
    super()
    this.dir = dir + String(options?.depth)
  }
}
class Many extends Actor {
  static readonly module: string = 'file:///many.ts'
  readonly parts: readonly string[]
  constructor(...parts: readonly string[]) {
    super()
    this.parts = parts
  }
}
class Box<T> extends Actor {
  static readonly module: string = 'file:///box.ts'
  value: T
  constructor(value: T) {
    super()
    this.value = value
  }
  get(): T {
    return this.value
  }
}
class Lean extends Actor {
  readonly dir: string
  constructor(dir: string) {
    super()
    this.dir = dir
  }
  list(): string[] {
    return [this.dir]
  }
}
abstract class Base extends Actor {}

/** As `typeof import('./module.ts')`. */
interface Module {
  Lean: typeof Lean
  Counter: typeof Counter
  Many: typeof Many
  Base: typeof Base
  Date: typeof Date
  LIMIT: 5
  helper(): void
}

export type Lists = [
  Is<Equal<keyof ActorsIn<Module>, 'Lean' | 'Counter' | 'Many'>>,
  Is<Equal<ActorsIn<Module>['Lean'], ActorClass<Lean, [dir: string]>>>,
  Is<Equal<ActorsIn<Module>['Many'], ActorClass<Many, readonly string[]>>>,
  Is<Equal<ActorsIn<Module>['Counter'], ActorClass<Counter, [start?: number]>>>,
  Is<Equal<SpawnArgs<[]>['length'], 0 | 1>>,
  Is<Equal<SpawnArgs<[dir: string]>['length'], 1>>,
  Is<Equal<SpawnArgs<[], ChildOptions>['length'], 1>>,
  Is<typeof Counter extends ActorClass<Counter, [start?: number]> ? true : false>,
  Is<typeof Lean extends ActorClass<Lean, [dir: string]> ? false : true>,
  Is<typeof Base extends ActorClass<Base, []> ? false : true>,
  Is<ActorClass<Counter, [start?: number]> extends ActorClass<Counter> ? true : false>,
]

export async function spawns(actors: ActorsIn<Module>): Promise<void> {
  const counter: ActorRef<Counter> = await spawn(Counter)
  await spawn(Counter, {})
  await spawn(Counter, { args: [10] })
  await spawn(Counter, { name: 'counter', args: [] })
  await spawn(Plain)
  await spawn(Plain, { name: 'plain', args: [] })
  await spawn(Many)
  await spawn(Many, { args: ['a', 'b'] })
  await spawn(Indexer, { args: ['/data'] })
  await spawn(Indexer, { args: ['/data', { depth: 2 }] })
  const box: ActorRef<Box<string>> = await spawn(Box<string>, { args: ['a'] })
  const text: string = await box.ask.get()
  const { Lean: LeanHandle } = actors
  const lean: ActorRef<Lean> = await spawn(LeanHandle, { name: 'lean', args: ['/data'] })
  const list: string[] = await lean.ask.list()
  const spec: ChildSpec<Counter> = child(Counter, { name: 'counter', restart: 'transient' })
  child(Indexer, { name: 'indexer', args: ['/data'] })
  child(actors.Lean, { name: 'lean', args: ['/data'] })
  void [counter, text, list, spec]
}

/** One mistake a line: each must be refused. Their texts are in error-texts.test.ts. */
export function mistakes(actors: ActorsIn<Module>): void {
  // @ts-expect-error an argument of the wrong type
  void spawn(Counter, { args: ['ten'] })
  // @ts-expect-error one argument too many
  void spawn(Counter, { args: [1, 2] })
  // @ts-expect-error an option that does not exist
  void spawn(Counter, { nmae: 'counter' })
  // @ts-expect-error the constructor needs an argument
  void spawn(Indexer)
  // @ts-expect-error the constructor needs an argument
  void spawn(Indexer, { name: 'indexer' })
  // @ts-expect-error the class says nowhere where it is
  void spawn(Lean, { args: ['/data'] })
  // @ts-expect-error an abstract class
  void spawn(Base)
  // @ts-expect-error the constructor needs an argument
  void spawn(actors.Lean)
  // @ts-expect-error a child needs a name
  child(Counter, {})
  // @ts-expect-error a child needs a name
  child(Counter)
  // @ts-expect-error not an export
  void actors.Base
}
