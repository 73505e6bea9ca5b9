import type { AnyRef, TellOptions } from '@troupe/runtime'

type Methods<R> = Record<string, ((...args: readonly unknown[]) => R) | undefined>

/** A ref, for someone who knows the method by its name only. */
interface Named extends AnyRef {
  readonly tell: Methods<boolean> & ((options: TellOptions) => Methods<Promise<boolean>>)
  readonly ask: Methods<Promise<unknown>>
}

export function tellByName(ref: AnyRef, method: string, args: readonly unknown[]): boolean {
  return (ref as Named).tell[method]!(...args)
}

export function tellWhenRoom(ref: AnyRef, method: string, args: readonly unknown[], timeoutMs: number): Promise<boolean> {
  return (ref as Named).tell({ whenFull: 'wait', timeoutMs })[method]!(...args)
}
