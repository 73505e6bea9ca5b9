/** What cannot be copied into bytes, because it is memory of its own, or somebody's end of something: it travels beside its message. */
export interface Enclosure {
  readonly value: object
  /** It is its receiver's afterwards, and nobody else's. Otherwise it is shared memory. */
  readonly isMoved: boolean
}

/** The enclosures of one message, and the name under which they are kept until it is read. */
export interface Enclosed {
  readonly name: EnclosureName
  readonly things: readonly Enclosure[]
}

/** A line is a thread's own; its numbers rise. */
export interface EnclosureName {
  readonly line: number
  readonly number: number
}

const WEIGHT_BYTES_MAX = 256 * 1024 * 1024

/**
 * V8 counts shared memory as nothing, so a thread would keep what it does not use any more until there is other garbage:
 * 20 tables of 100 MB that came and went stayed all. So each is counted once, as garbage of its size whose pages are never touched.
 */
export function weigh(thing: unknown): void {
  if (thing instanceof SharedArrayBuffer) new ArrayBuffer(Math.min(thing.byteLength, WEIGHT_BYTES_MAX))
}

/** How those that keep enclosures plug themselves in. */
export interface EnclosureHooks {
  /** Used by no other message. */
  nextName(): EnclosureName
  /** Gives what was enclosed, for good; undefined when it is not there any more. */
  take(name: EnclosureName): readonly unknown[] | undefined
  /** Nobody needs it: all that was enclosed is here already. */
  drop(name: EnclosureName): void
}
