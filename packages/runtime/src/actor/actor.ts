import { assert } from '../base/assert.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { ActorHooks } from '../ref/message-name.ts'
import type { AnyRef } from '../ref/ref-types.ts'
import type { ActorContext } from './context.ts'

/** The address of a watched actor has ended; nothing that it had sent to you is still to come. */
export interface Terminated {
  readonly type: 'terminated'
  readonly ref: AnyRef
  readonly path: string
  readonly reason: ExitReason
}

/** An incarnation has ended, of an actor that is watched with `incarnations: true`; its address may live on. */
export interface IncarnationEnded {
  readonly type: 'incarnationEnded'
  readonly ref: AnyRef
  readonly path: string
  readonly incarnation: number
  readonly reason: ExitReason
}

/** An incarnation that this one was linked to has ended. Only for who traps exits: all others end with it. */
export interface Exit {
  readonly type: 'exit'
  readonly ref: AnyRef
  readonly path: string
  readonly incarnation: number
  readonly reason: ExitReason
}

/** What reaches `onSignal`, between two messages. */
export type Signal = Terminated | IncarnationEnded | Exit

/** Set while a constructor runs, so that `this.context` is there from its first line on. */
let contextForNew: ActorContext | undefined

/**
 * An actor is a class: its public methods are its messages, and one runs at a time, also across awaits. It can be made
 * with `new` in a unit test, as any class; then it has no context.
 *
 * ```ts
 * export class Counter extends Actor {
 *   static readonly module = import.meta.url
 *   #total = 0
 *   add(n: number): number { return (this.#total += n) }
 * }
 * ```
 *
 * `static readonly onThrow = 'crash'` makes each error thrown by a method end the incarnation, as in OTP. Default
 * `'reply'`: an asked method's error goes to its asker, and the actor lives on. `static readonly hangAfterMs` says for how
 * long one message may keep the event loop from turning before it is taken for a hang. Default 60 000 ms; `Infinity`: never.
 *
 * `static readonly concurrency = 8` lets up to eight messages be at work at a time: while one awaits, the next is begun. Default 1.
 * `static readonly reentrant = ['load']` names methods that let others in at each of their awaits, and take no slot meanwhile.
 * `static readonly schemas: Schemas<Counter> = { add: [z.number()] }` has the arguments of messages checked before their methods begin.
 */
export abstract class Actor implements ActorHooks {
  readonly #context = contextForNew

  /** The actor's own address, children and system. Not there in an instance made with `new`. */
  get context(): ActorContext {
    if (this.#context === undefined)
      throw new TypeError(`${this.constructor.name} was made with new, so it has no context. Spawn it, or pass what it needs.`)
    return this.#context
  }

  /** Runs before the first message, and is awaited. A throw is a failed start. */
  onStart?(): void | Promise<void>

  /** Runs on an ordered stop, after the last message, within `shutdownMs`. Not after a crash or a kill. */
  onStop?(): void | Promise<void>

  /**
   * Runs when this actor is upgraded, between two messages and before `onStop`. What it returns, or resolves with, is copied
   * to the successor: `this.context.handedOver`. A throw refuses the upgrade, and this actor goes on.
   */
  onUpgrade?(): unknown

  /** Runs between messages. A throw here is a crash. */
  onSignal?(signal: Signal): void | Promise<void>
}

export function newWithContext<A extends Actor>(actorClass: new (...args: never) => A, args: readonly unknown[], context: ActorContext): A {
  assert(contextForNew === undefined, 'actors are made one at a time')
  contextForNew = context
  try {
    return new actorClass(...(args as never))
  } finally {
    contextForNew = undefined
  }
}
