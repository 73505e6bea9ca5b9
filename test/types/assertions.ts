/** Identical types, also where `extends` sees no difference: `any`, `readonly`, optional. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** An assertion: anything but true is a compile error on its own line. */
export type Is<T extends true> = T

export type Not<T extends boolean> = T extends true ? false : true
