import { isMessageName } from '../ref/message-name.ts'

export type Method = (this: unknown, ...args: unknown[]) => unknown

/**
 * What may be called from outside, made once per class (D16): the methods on the prototypes between the class and `base`.
 * A table and not a property walk, so that no accessor runs, no inherited member is reached, and no field is called.
 */
export function methodTable(actorClass: { readonly prototype: object }, base: object): ReadonlyMap<string, Method> {
  const table = new Map<string, Method>()
  for (
    let prototype: object | null = actorClass.prototype;
    prototype !== null && prototype !== base;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value === 'function' && isMessageName(name) && !table.has(name)) table.set(name, value as Method)
    }
  }
  return table
}
