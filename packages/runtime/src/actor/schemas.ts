import { didYouMean } from '../base/nearest-name.ts'
import { shown } from '../base/shown.ts'
import type { MethodName } from '../ref/ref-types.ts'
import type { Method } from './method-table.ts'
import { isStandardSchema, type StandardSchema } from './standard-schema.ts'

/**
 * A Standard Schema for each argument of a method, by the method's name: `static readonly schemas: Schemas<Store> = { put:
 * [z.string(), z.number().int()] }`. Each message to that method is checked in the actor's isolate before the method begins,
 * and the method gets what the schemas give. A method that is not named here takes what it is sent.
 */
export type Schemas<A> = {
  readonly [K in keyof A as MethodName<A, K>]?: SchemasOf<NonNullable<A[K]>, K>
}

// biome-ignore format: a table.
type SchemasOf<F, K> = F extends (...args: infer P extends readonly unknown[]) => unknown
  ? number extends P['length']
    ? `${K & string}(): a method with a rest parameter has no schemas: let it take an array`
    : { readonly [I in keyof P]-?: StandardSchema<P[I]> }
  : never

export type SchemaTable = ReadonlyMap<string, readonly StandardSchema[]>

/**
 * What a class and those it extends say in `schemas`. The nearest class that names a method decides; one that says nothing
 * about it leaves what is checked already as it is, so that no check is lost by deriving.
 *
 * @throws {TypeError} what is wrong with one of them, and what to do
 */
export function schemasOf(actorClass: object, methods: ReadonlyMap<string, Method>, actor: string): SchemaTable {
  const table = new Map<string, readonly StandardSchema[]>()
  for (let at: object | null = actorClass; at !== null; at = Object.getPrototypeOf(at)) {
    if (!Object.hasOwn(at, 'schemas')) continue
    const { schemas } = at as { readonly schemas: unknown }
    if (typeof schemas !== 'object' || schemas === null)
      throw new TypeError(`${actor}: static schemas is ${shown(schemas)}. Write { method: [a schema for each argument] }.`)
    for (const [name, given] of Object.entries(schemas)) {
      if (given === undefined) continue
      const method = methods.get(name)
      if (method === undefined) throw new TypeError(unknownMethod(actor, name, [...methods.keys()]))
      refuseFaults(`${actor}: schemas.${name}`, given, method)
      if (!table.has(name)) table.set(name, given as readonly StandardSchema[])
    }
  }
  return table
}

function unknownMethod(actor: string, name: string, known: readonly string[]): string {
  return `${actor}: schemas.${name} names no message of it.${didYouMean(name, known)} It has: ${known.join(', ') || 'none'}. Write static readonly schemas: Schemas<…of the class> = …, and the compiler finds such mistakes.`
}

/** Parameters behind one with a default value are not counted by `length`, so more schemas than that may be right. */
function refuseFaults(where: string, given: unknown, method: Method): void {
  if (!Array.isArray(given)) throw new TypeError(`${where} is ${shown(given)}. Write an array: a schema for each argument.`)
  const at = given.findIndex((schema) => !isStandardSchema(schema))
  if (at !== -1)
    throw new TypeError(
      `${where}[${at}] is ${shown(given[at])}, and no Standard Schema (it has no ~standard of version 1). Take one of zod ≥ 3.24, valibot ≥ 1, arktype ≥ 2, or write one (https://standardschema.dev).`,
    )
  if (given.length < method.length)
    throw new TypeError(
      `${where} has ${given.length} schemas, and the method ${method.length} parameters. Write one for each, in their order: what has none does not reach the method.`,
    )
}
