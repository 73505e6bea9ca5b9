import { InvalidMessageError, type MessageIssue } from '../base/errors.ts'
import { pathOf } from '../codec/refusal.ts'
import type { Method } from './method-table.ts'
import { isGeneratorMethod } from './outgoing-stream.ts'
import { Refused } from './refused.ts'
import type { SchemaTable } from './schemas.ts'
import type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts'

/** A wrong value has many faults, and may be made to have millions: these are for people. */
const ISSUES_MAX = 32
const TEXT_CHARS_MAX = 300

/** The table with a check in front of each method that has schemas. All others, and so all actors without any, stay what they are. */
export function checkedMethods(methods: ReadonlyMap<string, Method>, schemas: SchemaTable, path: string): ReadonlyMap<string, Method> {
  if (schemas.size === 0) return methods
  const table = new Map(methods)
  for (const [name, those] of schemas) table.set(name, checked(methods.get(name)!, those, path, name))
  return table
}

function checked(method: Method, schemas: readonly StandardSchema[], path: string, name: string): Method {
  const outputs = (results: readonly SchemaResult<unknown>[]): unknown[] => {
    const issues = results.flatMap((result, i) => (result.issues ?? []).map((issue) => [i, issue] as const))
    if (issues.length > 0) throw new Refused(refusal(path, name, issues))
    return results.map((result) => (result as { readonly value: unknown }).value)
  }
  const isStream = isGeneratorMethod(method)
  return function (this: unknown, ...args: unknown[]): unknown {
    const results = schemas.map((schema, i) => {
      const result = schema['~standard'].validate(args[i])
      // If a later one throws at once, nobody awaits this one, and its own failure must not be a second.
      if (result instanceof Promise) result.catch(() => {})
      return result
    })
    if (!results.some((result) => result instanceof Promise))
      return method.apply(this, outputs(results as readonly SchemaResult<unknown>[]))
    const begun = Promise.all(results).then((all) => method.apply(this, outputs(all)))
    return isStream ? new LateStream(begun as Promise<AsyncIterator<unknown>>) : begun
  }
}

/** A stream whose arguments are still being checked. Once it has begun, nothing stands between it and its reader. */
class LateStream implements AsyncIterator<unknown> {
  readonly #begun: Promise<AsyncIterator<unknown>>
  #stream: AsyncIterator<unknown> | undefined

  constructor(begun: Promise<AsyncIterator<unknown>>) {
    this.#begun = begun
    // Whoever takes the first item hears of it; when nobody does any more, nobody is to be told.
    begun.catch(() => {})
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#stream?.next() ?? this.#first()
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    return (await this.#stream?.return?.(value)) ?? { done: true, value }
  }

  async #first(): Promise<IteratorResult<unknown>> {
    this.#stream = await this.#begun
    return this.#stream.next()
  }
}

function refusal(path: string, name: string, issues: readonly (readonly [argument: number, SchemaIssue])[]): InvalidMessageError {
  const kept = issues.slice(0, ISSUES_MAX).map(([i, issue]) => toIssue(i, issue))
  return new InvalidMessageError(path, name, kept, issues.length - kept.length)
}

function toIssue(argument: number, { path = [], message }: SchemaIssue): MessageIssue {
  const steps = path.map((step) => {
    const key = typeof step === 'object' ? step.key : step
    return typeof key === 'number' ? key : String(key)
  })
  return { path: cut(pathOf(`args[${argument}]`, steps)), message: cut(String(message)) }
}

function cut(text: string): string {
  return text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}…` : text
}
