import { Actor, type ActorRef, type Callback, type Schemas, type StandardSchema } from '@troupe/runtime'
import * as v from 'valibot'
import { z } from 'zod'

export interface Order {
  readonly user: { readonly name: string }
  readonly lines: readonly { readonly sku: string; readonly count: number }[]
}

/** Made by hand, and asynchronous: it knows a name only after a turn of the event loop. */
const knownName: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'by hand',
    validate: async (value) => {
      await new Promise(setImmediate)
      if (value === 'broken') throw new RangeError('the schema is broken')
      return typeof value === 'string' && value !== 'unknown' ? { value: value.trim() } : { issues: [{ message: 'Nobody knows it' }] }
    },
  },
}

/** One that throws at once; zod's and valibot's reject. */
const brittleText: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'by hand',
    validate: (value) => {
      if (value === 'broken') throw new RangeError('so is this one')
      return z.string()['~standard'].validate(value)
    },
  },
}

/** Every way in which a message can be checked. */
export class Checker extends Actor {
  static readonly module: string = import.meta.url
  static readonly schemas: Schemas<Checker> = {
    add: [z.number().int()],
    order: [
      z.object({ user: z.object({ name: z.string() }), lines: z.array(z.object({ sku: z.string(), count: z.number().positive() })) }),
    ],
    when: [z.coerce.date(), z.string().default('nobody')],
    tag: [v.pipe(v.string(), v.toUpperCase()), v.optional(v.number(), 7)],
    greet: [knownName, brittleText],
    count: [z.number().max(5)],
    names: [knownName],
    each: [z.custom<Callback<(n: number) => number>>((value) => typeof value === 'function'), z.number()],
    passOn: [z.any(), z.boolean()],
  }
  readonly #begun: string[] = []

  add(n: number): number {
    this.#begun.push('add')
    return n + 1
  }
  order(order: Order): number {
    this.#begun.push('order')
    return order.lines.length
  }
  /** What arrives was a text: its caller's type says otherwise, and the schema makes it true. */
  when(at: Date, by?: string): string {
    // biome-ignore lint/complexity/noArguments: a rest parameter would be one more, and have no schema.
    return `${at.getUTCFullYear()} ${String(by)} ${arguments.length}`
  }
  tag(text: string, n?: number): string {
    return `${text} ${String(n)}`
  }
  async greet(name: string, greeting: string): Promise<string> {
    this.#begun.push('greet')
    return `${greeting}, ${name}`
  }
  async *count(upTo: number): AsyncGenerator<number, string> {
    this.#begun.push('count')
    for (let i = 1; i <= upTo; i++) yield i
    return 'counted'
  }
  *names(first: string): Generator<string> {
    this.#begun.push('names')
    try {
      for (const name of [first, 'b', 'c']) yield name
    } finally {
      this.#begun.push('left')
    }
  }
  each(visit: Callback<(n: number) => number>, n: number): Promise<number> {
    return visit(n)
  }
  /** The failure of a handler that is somebody else's refusal. */
  async passOn(to: ActorRef<Checker>, _told: boolean): Promise<number> {
    return to.ask.add('wrong' as unknown as number)
  }
  unchecked(n: number): number {
    return this.add(n)
  }
  begun(): string[] {
    return this.#begun
  }
}

export class StrictChecker extends Checker {
  static override readonly module = import.meta.url
  static readonly onThrow = 'crash'
  static override readonly schemas: Schemas<StrictChecker> = { added: [z.string()], order: [z.any()] }
  added(text: string): string {
    return text
  }
}

/** What is checked may let others in, and may be put back. */
export class OverlappingChecker extends Actor {
  static readonly module = import.meta.url
  static readonly reentrant = ['hold']
  static readonly schemas: Schemas<OverlappingChecker> = { hold: [knownName], let: [z.string()], later: [knownName] }
  #go = (_: string): void => {}
  #isOpen = false

  hold(_name: string): Promise<string> {
    return new Promise((resolve) => (this.#go = resolve))
  }
  let(go: string): void {
    this.#go(go)
  }
  /** Put back until it is opened, and checked anew. */
  later(name: string): string {
    if (!this.#isOpen) this.context.stash()
    return name
  }
  open(): number {
    this.#isOpen = true
    return this.context.unstash()
  }
}
