import type { EnclosureName } from '../codec/enclosures.ts'
import type { LanePosition } from '../queue/lane-consumer.ts'
import type { LaneKind } from '../queue/layout.ts'

/** For which message something is kept: its lane, and where that ends once the message is in it. */
export interface Destination {
  readonly kind: LaneKind
  readonly seat: number
  readonly generation: number
  readonly position: LanePosition
}

/** Something closed that holds what was enclosed, unread: to look into it would make the bytes the looker's, for its collector to count. */
export interface Sealed {
  /** Throws what is in it away. */
  close(): void
}

export type ToOffice =
  | { readonly type: 'deposit'; readonly number: number; readonly to: Destination; readonly sealed: Sealed; readonly bytes: number }
  | { readonly type: 'take'; readonly name: EnclosureName }
  | { readonly type: 'drop'; readonly name: EnclosureName }

/** The answer to a `take`. Undefined: it is not there any more. */
export interface FromOffice {
  readonly sealed: Sealed | undefined
}

/** A thread's own way to the office, which is a port of its own: an answer can be waited for while the thread is blocked. */
export interface OfficeLine {
  post(message: ToOffice): void
  /** `moved`: what is not to be copied. Throws when something of it cannot be moved; then nothing was. */
  seal(things: readonly object[], moved: readonly object[]): Sealed
  open(sealed: Sealed): readonly unknown[] | undefined
  receive(): FromOffice | undefined
  close(): void
}

/** The office's end of it. */
export interface OfficePort {
  post(message: FromOffice): void
  onMessage(listener: (message: ToOffice) => void): void
  /** What has arrived and was not told yet. */
  drain(): readonly ToOffice[]
  close(): void
}

/** Opens a line: the control side is given the other end, the line's number, and two words to wake the thread by. */
export type OpenLine = (line: number, words: Int32Array) => OfficeLine
