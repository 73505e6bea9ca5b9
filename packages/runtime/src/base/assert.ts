/**
 * For our own mistakes: a failed assertion is a bug in Troupe, never a fault of the world or of the caller.
 * What the world does wrong has a name in errors.ts.
 */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`Troupe: a bug in the runtime itself: ${what}. Please report it.`)
}
