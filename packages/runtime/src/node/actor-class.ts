import { Actor } from '../actor/actor.ts'
import { type Method, methodTable } from '../actor/method-table.ts'
import { refuseMisspeltHooks } from '../actor/not-a-message.ts'
import { type SchemaTable, schemasOf } from '../actor/schemas.ts'
import { type Overlap, slotsOf } from '../actor/slots.ts'
import { checkStatics, type Statics } from '../actor/statics.ts'
import type { BootRecord } from '../isolate/isolate.ts'
import type { Module } from './thread-modules.ts'

export type ActorConstructor = (new (...args: never) => Actor) & Overlap & Statics

/** An actor's class, and what it says of itself: read once. */
export interface ReadClass {
  readonly actorClass: ActorConstructor
  readonly methods: ReadonlyMap<string, Method>
  readonly schemas: SchemaTable
}

/** @throws {TypeError} what is wrong with it, and what to do */
export function readClass(module: Module, { source, exportName }: Pick<BootRecord, 'source' | 'exportName'>): ReadClass {
  const found = module[exportName]
  if (typeof found !== 'function') {
    const names = Object.keys(module).join(', ') || 'nothing'
    throw new TypeError(
      `${source} exports no class ${exportName}. It exports: ${names}. Export the class under its own name: export class ${exportName} …`,
    )
  }
  if (!(found.prototype instanceof Actor))
    throw new TypeError(
      `${exportName} in ${source} is not an actor. Write: class ${exportName} extends Actor (from the same copy of @troupe/runtime).`,
    )
  const actorClass = found as unknown as ActorConstructor
  const methods = methodTable(actorClass, Actor.prototype)
  refuseMisspeltHooks(methods.keys(), `${exportName} in ${source}`)
  const schemas = schemasOf(actorClass, methods, `${exportName} in ${source}`)
  slotsOf(actorClass, methods, exportName)
  checkStatics(actorClass, Actor, exportName)
  return { actorClass, methods, schemas }
}
