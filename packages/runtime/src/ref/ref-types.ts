import type { ActorHooks, LanguageName } from './message-name.ts'
import type { AnyCallable, AnyFunction, Callback, Crosses, NotSendable, Sendable, WhyNoFunction, WhyNoSymbol } from './sendable.ts'

declare const actor: unique symbol

/** How long an ask may take, and what happens when the mailbox is full. */
export interface AskOptions {
  /** Milliseconds above 0 until the promise rejects with AskTimeoutError, waiting for room included. Default 5 000. Infinity: no limit. */
  readonly timeoutMs?: number | undefined
  /** Ends the wait with AskAbortedError. A method that has begun goes on, and can see it: `this.context.signal`, `cancelled`. */
  readonly signal?: AbortSignal | undefined
  /** `refuse` rejects at once with MailboxFullError; `wait` waits for room until the time-out. Default `refuse`. */
  readonly whenFull?: 'refuse' | 'wait' | undefined
}

/** As AskOptions, but without a signal: while a thread is blocked, nothing on it can abort. */
export interface AskSyncOptions {
  /** Milliseconds above 0 until AskTimeoutError is thrown, waiting for room included. Default 5 000. Infinity: no limit. */
  readonly timeoutMs?: number | undefined
  /** `refuse` throws MailboxFullError at once; `wait` blocks until there is room or the time is over. Default `refuse`. */
  readonly whenFull?: 'refuse' | 'wait' | undefined
}

/** A tell that waits for room. Without options a tell never waits. */
export interface TellOptions {
  readonly whenFull: 'wait'
  /** Milliseconds above 0 until the promise resolves with false. Default 5 000. Infinity: no limit. */
  readonly timeoutMs?: number | undefined
}

/** A tell whose caller does something else when there is no room: false then, at once, and no DeadLetter says so. */
export interface TellRefusal {
  readonly whenFull: 'refuse'
}

// ---- arguments ------------------------------------------------------------------------------------------------------

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
/** The type as it was written wherever it can be sent: errors and hovers then show the user's own names. */
type SendableParameter<T> = Same<T, Sendable<T>> extends true ? T : Sendable<T>
/** A parameter list in which what cannot be sent carries the reason. */
export type SendableParameters<P extends readonly unknown[]> = { [I in keyof P]: SendableParameter<P[I]> }

/** What an ask takes for `AsyncIterable`, as SendableStream has it: no sockets, and no queues. */
type Iterables<T> = T extends AsyncIterable<infer V> ? (AsyncGenerator<V, never, unknown> extends T ? T : never) : never
type Functions<T> = Extract<T, Callback<AnyFunction>>
/** What lasts as long as an ask, where there is none: it is refused, and whoever may leave it out can still do so. */
// biome-ignore format: a table.
type Without<T, Lasting, Why extends string> =
  IsAny<T> extends true ? T
  : [Lasting] extends [never] ? SendableParameter<T>
  : SendableParameter<Exclude<T, Lasting>> | NotSendable<Why>
type ToldParameters<P extends readonly unknown[]> = {
  [I in keyof P]: Without<
    P[I],
    Functions<P[I]> | Iterables<P[I]>,
    'a tell takes no functions and no iterables, which last as long as an ask: use ask'
  >
}
type AskedSyncParameters<P extends readonly unknown[]> = {
  [I in keyof P]: Without<P[I], Iterables<P[I]>, 'a blocking call takes no iterables, because its thread could not give the items: use ask'>
}

// ---- results --------------------------------------------------------------------------------------------------------

type IsAny<T> = 0 extends 1 & T ? true : false

/** What a result holds: the items of a synchronous stream, the value of a promise. */
type Inside<R> = [R] extends [Generator<infer T, unknown, never>] ? T[] : Awaited<R>

type Less = [never, 0, 1, 2, 3]
/** The path to what cannot be sent and the reason; never when all can. Four levels deep: an error text, not an analysis. */
// biome-ignore format: a table.
type Blame<T, Path extends string, Depth extends number = 4> =
  IsAny<T> extends true ? never
  : T extends Sendable<T> ? never
  : T extends symbol ? `${Path}: ${WhyNoSymbol}`
  : T extends AnyCallable ? `${Path}: ${WhyNoFunction}`
  : Sendable<T> extends T & (infer Why extends string) ? `${Path}: ${Why}`
  : Depth extends 0 ? `${Path}: something in it cannot be sent`
  : T extends ReadonlyMap<infer K, infer V> ? Blame<K | V, `${Path} (an entry)`, Less[Depth]>
  : T extends ReadonlySet<infer V> | readonly (infer V)[] | AsyncIterable<infer V> ? Blame<V, `${Path}[…]`, Less[Depth]>
  : T extends Iterable<unknown> ? `${Path}: an iterator cannot be sent: declare an array`
  : { [K in keyof T & string]-?: Blame<T[K], `${Path}.${K}`, Less[Depth]> }[keyof T & string]

/** One member of a union, so that an error text names one reason and not forty: inference looks at the last of several overloads. */
// biome-ignore format: it is read inside out.
type One<U> = (U extends unknown ? (_: () => U) => void : never) extends (_: infer Overloads) => void
  ? Overloads extends () => infer Last ? Last : never
  : never

/** Only a method that is written as a generator is a stream, and its type says so. */
// biome-ignore format: a table.
type IsStreamOfNoGenerator<R> =
  IsAny<Awaited<R>> extends true ? false
  : [Awaited<R>] extends [never] ? false
  : [R] extends [AsyncGenerator<unknown, unknown, never>] ? false
  : [Awaited<R>] extends [AsyncIterable<infer T>] ? ([AsyncGenerator<T, never, unknown>] extends [Awaited<R>] ? true : false)
  : false
type WhyNoStream = 'the result: a stream is a method that is written as a generator, async *name(), of type AsyncGenerator'
type ResultFault<R> = IsStreamOfNoGenerator<R> extends true ? WhyNoStream : One<Blame<Inside<R>, 'the result'>>
type IfResultCrosses<R, K, Method> = [ResultFault<R>] extends [never] ? Method : NotSendable<`${K & string}(): ${ResultFault<R> & string}`>

// biome-ignore format: a table.
type Reply<R> =
  IsAny<R> extends true ? Promise<R>
  : [R] extends [never] ? Promise<never>
  : [R] extends [AsyncGenerator<infer T, infer End, infer Next> | Generator<infer T, infer End, infer Next>] ? AsyncGenerator<T, End, Next>
  : Promise<Awaited<R>>

// biome-ignore format: a table.
type ReplySync<R> =
  IsAny<R> extends true ? R
  : [R] extends [never] ? never
  : [R] extends [AsyncGenerator<infer T, infer End, infer Next> | Generator<infer T, infer End, infer Next>] ? Generator<T, End, Next>
  : Awaited<R>

// biome-ignore format: a table.
type IsStream<R> =
  IsAny<R> extends true ? false
  : [R] extends [never] ? false
  : [R] extends [AsyncIterable<unknown> | Generator<unknown, unknown, never>] ? true
  : false

// ---- methods --------------------------------------------------------------------------------------------------------

/** A method that already answers with a promise keeps its own type, and with it its generics and overloads; a declared `this` is the actor's. */
// biome-ignore format: two lines say it better than six.
type KeepsItsType<P extends readonly unknown[], R> =
  [IsAny<R>, Same<R, Reply<R>>, Same<P, SendableParameters<P>>] extends [false, true, true] ? true : false
type Asked<F, K> = F extends (...args: infer P extends readonly unknown[]) => infer R
  ? IfResultCrosses<R, K, KeepsItsType<P, R> extends true ? OmitThisParameter<F> : (...args: SendableParameters<P>) => Reply<R>>
  : never
type AskedSync<F, K> = F extends (...args: infer P extends readonly unknown[]) => infer R
  ? IfResultCrosses<R, K, (...args: AskedSyncParameters<P>) => ReplySync<R>>
  : never
type Told<F, K, Outcome> = F extends (...args: infer P extends readonly unknown[]) => infer R
  ? IsStream<R> extends true
    ? NotSendable<`${K & string}(): a stream has no one-way form, use ask`>
    : (...args: ToldParameters<P>) => Outcome
  : never

/** The public methods of an actor; not its hooks, fields and symbols. Private and protected members are no keys at all. */
// biome-ignore format: a table.
export type MethodName<A, K extends keyof A> =
  K extends keyof ActorHooks ? never
  : K extends string ? NonNullable<A[K]> extends AnyFunction ? K : never
  : never
type Named<K, Method> = K extends LanguageName ? NotSendable<`${K}(): this name belongs to the language, rename the method`> : Method

/** The methods of an actor, each as its caller awaits it. */
export type AskMessages<A> = {
  readonly [K in keyof A as MethodName<A, K>]-?: Named<K, Asked<NonNullable<A[K]>, K>>
}
/** The methods of an actor, each as a blocking call. */
export type AskSyncMessages<A> = {
  readonly [K in keyof A as MethodName<A, K>]-?: Named<K, AskedSync<NonNullable<A[K]>, K>>
}
/** The methods of an actor, each one way, with what the caller learns about it. */
export type TellMessages<A, Outcome = boolean> = {
  readonly [K in keyof A as MethodName<A, K>]-?: Named<K, Told<NonNullable<A[K]>, K, Outcome>>
}

/** `ref.ask.add(1)`, or `ref.ask({ timeoutMs: 200 }).add(1)`. */
export type AskMethods<A> = AskMessages<A> & ((options: AskOptions) => AskMessages<A>)
/** `ref.askSync.add(1)`, or `ref.askSync({ timeoutMs: 200 }).add(1)`. */
export type AskSyncMethods<A> = AskSyncMessages<A> & ((options: AskSyncOptions) => AskSyncMessages<A>)
/** `ref.tell.add(1)`, or `await ref.tell({ whenFull: 'wait' }).add(1)`. */
export type TellMethods<A> = TellMessages<A> &
  (<O extends TellOptions | TellRefusal>(options: O) => TellMessages<A, O extends TellOptions ? Promise<boolean> : boolean>)

// ---- refs -----------------------------------------------------------------------------------------------------------

/** A ref to whatever actor: it can be watched, stopped and sent, but not called. */
export interface AnyRef extends Crosses {
  /** `/ledger/store`. */
  readonly path: string
}

/**
 * How others reach an actor. It names an address, survives restarts of its actor and can be sent to any isolate.
 * Write `ActorRef<Base>`, not `<A extends Base>(ref: ActorRef<A>)`: the methods of an open type are not known.
 */
export interface ActorRef<A> extends AnyRef {
  /** Sends and goes on: true when the mailbox accepted, false when it is full or its address has ended (then a DeadLetter tells why). */
  readonly tell: TellMethods<A>
  /** Sends and promises the reply. Rejects with the method's own error, or with a TroupeError; it never hangs. */
  readonly ask: AskMethods<A>
  /** As ask, but blocks this thread until the reply is there; for synchronous code. */
  readonly askSync: AskSyncMethods<A>
  /** For the compiler only: what this ref is a ref to. */
  readonly [actor]?: A
}

// ---- classes --------------------------------------------------------------------------------------------------------

/** A class that can be spawned, or what `actorsIn` gives in its place. */
export interface ActorClass<A, P extends readonly unknown[] = never> {
  /** Where an isolate finds the class: `static readonly module = import.meta.url`. */
  readonly module: string
  /** The name under which that module exports it. */
  readonly name: string
  new (...args: P): A
}

export interface SpawnOptions {
  /** Unique among its siblings: 1 to 128 of `A-Z a-z 0-9 . _ ~ -`. Default: one is generated. */
  readonly name?: string
  /** After which ends it is started again. Default: `transient` for `spawn` (not after `context.stop()`), `permanent` for `child` (after all). */
  readonly restart?: 'permanent' | 'transient' | 'temporary'
  /** Milliseconds from the request to stop until the kill; `Infinity`: no kill; `'kill'`: no request. Default 5 000. */
  readonly shutdownMs?: number | 'kill'
  /** Milliseconds for loading, constructor and onStart together. Default 30 000. */
  readonly startMs?: number
  /** What a throw in an asked method is: a reply, or a crash. Default: what the class says (`static onThrow`), else `reply`. */
  readonly onThrow?: 'reply' | 'crash'
  /**
   * Milliseconds after which a message that keeps the isolate's event loop from turning is a hang: the isolate is killed, with
   * reason `hung`. Awaiting is no hang. `Infinity`: never. Default: what the class says (`static hangAfterMs`), else 60 000.
   */
  readonly hangAfterMs?: number
  /**
   * How often a message that was begun when the actor died is begun again: at least once instead of at most once (G5). It
   * keeps its place in the order, and `this.context.attempt` tells it. Below the `restarts` of the supervisor's intensity
   * (3 for `spawn`). Default 0.
   */
  readonly redeliver?: number
  /** How much memory it may use. Memory is not contained by it (docs/guide/limits.md). Default: as much as there is. */
  readonly limits?: {
    /**
     * MiB of heap (2^20 bytes), at least 16: the runtime itself takes about 8. On Node ≥ 24 more is seen from outside within 0.3 s,
     * and is an end with reason `outOfMemory`; at twice as much V8 ends the isolate itself. Before Node 24 V8 does that here.
     */
    readonly heapMb?: number
    /** MiB outside of the heap: buffers, mostly. As `heapMb`; before Node 24 it is seen within 3 s, and only while the event loop turns. */
    readonly externalMb?: number
  }
  /**
   * `inline`: in the thread of the system's host, for tests and debuggers: the same messages, failures and restarts, but nothing of
   * it is contained (docs/guide/testing.md). Default: what the system says, which is `thread`.
   */
  readonly isolate?: 'thread' | 'inline'
  /**
   * A pause before each restart: `firstMs`, then `factor` times as long each time (default 2) up to `maxMs`, give or take
   * `jitter` of it (default 0.2). After `quietMs` of life (default `maxMs`) it begins anew. Default none: at once.
   */
  readonly backoff?: {
    readonly firstMs: number
    readonly maxMs: number
    readonly factor?: number
    readonly jitter?: number
    readonly quietMs?: number
  }
}

type ConstructorArgs<P extends readonly unknown[]> = [] extends P
  ? { readonly args?: Readonly<SendableParameters<P>> }
  : { readonly args: Readonly<SendableParameters<P>> }

/**
 * The parameters after the class in `spawn(Class, …)` and `child(Class, …)`: `{ args }` can be left out where the
 * constructor needs none, and the whole object where nothing in it is needed. One signature, because overloads turn every
 * mistake into "No overload matches this call".
 */
export type SpawnArgs<P extends readonly unknown[], Options extends object = SpawnOptions> =
  Record<never, never> extends Options & ConstructorArgs<P>
    ? [options?: Options & ConstructorArgs<P>]
    : [options: Options & ConstructorArgs<P>]

/**
 * The actors that a module exports, each as a class that can be spawned without being loaded here. Give the module as
 * `typeof import('./indexer.ts')`. Statics are left out, since there is no class to read them from.
 */
export type ActorsIn<M> = { readonly [K in keyof M as M[K] extends AnyActorClass ? K : never]: AsActorClass<M[K]> }
type AnyActorClass = new (...args: never) => ActorHooks
type AsActorClass<C> = C extends new (...args: infer P extends readonly unknown[]) => infer A ? ActorClass<A, P> : never
