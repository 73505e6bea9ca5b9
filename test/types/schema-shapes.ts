// Checked by `tsc --noEmit`: which schemas a class may have. Nothing here runs.
import { Actor, type ActorRef, type Schemas } from '@troupe/runtime'
import * as v from 'valibot'
import { z } from 'zod'

export class Store extends Actor {
  static readonly module: string = import.meta.url
  static readonly schemas: Schemas<Store> = {
    put: [z.string(), v.pipe(v.number(), v.integer())],
    find: [z.object({ name: z.string(), tags: z.array(z.string()) }), z.number().optional()],
    each: [z.any()],
    rows: [z.coerce.number()],
  }
  put(_key: string, _value: number): void {}
  find(_query: { readonly name: string; readonly tags: readonly string[] }, limit = 5): number {
    return limit
  }
  each(_ref: ActorRef<Store>): void {}
  async *rows(from: number): AsyncGenerator<number> {
    yield from
  }
  join(..._parts: string[]): void {}
  protected hidden(_n: number): void {}
  readonly field = 5
}

/** One mistake a line: each must be refused. */
export const mistakes: readonly Schemas<Store>[] = [
  // @ts-expect-error a misspelt method
  { putt: [z.string(), z.number()] },
  // @ts-expect-error one schema too few
  { put: [z.string()] },
  // @ts-expect-error one schema too many
  { put: [z.string(), z.number(), z.number()] },
  // @ts-expect-error one for an optional parameter is missing
  { find: [z.object({ name: z.string(), tags: z.array(z.string()) })] },
  // @ts-expect-error the second is a number
  { put: [z.string(), z.string()] },
  // @ts-expect-error its output has no tags
  { find: [z.object({ name: z.string() }), z.number()] },
  // @ts-expect-error in the wrong order
  { put: [z.number(), z.string()] },
  // @ts-expect-error a parameter that may not be undefined
  { rows: [z.number().optional()] },
  // @ts-expect-error a rest parameter
  { join: [z.string()] },
  // @ts-expect-error no method
  { field: [z.number()] },
  // @ts-expect-error a hook
  { onStart: [] },
  // @ts-expect-error nobody else's to call
  { hidden: [z.number()] },
  // @ts-expect-error no schema
  { rows: [Number] },
  // @ts-expect-error no array
  { rows: z.number() },
]
