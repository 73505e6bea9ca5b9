// Checked by `tsc --noEmit`: what Sendable makes of a type, where that is a type of its own. Nothing here runs. What may be
// sent at all, and what the compiler says of the rest, is the table of value-shapes.ts.
import type { MessagePort } from 'node:worker_threads'
import type { Callback, Crosses, NotSendable, Sendable } from '../../packages/runtime/src/ref/sendable.ts'
import type { Equal, Is } from './assertions.ts'

type CanBeSent<T> = [T] extends [Sendable<T>] ? true : false

declare const method: unique symbol
interface Point {
  readonly x: number
  readonly y?: number
}
interface Frozen<T> extends Crosses {
  readonly value: T
}
class WithMethod {
  total(): number {
    return 1
  }
}
interface Protocol {
  [method](): void
}

export type Kept = [
  Is<Equal<Sendable<[string, ...number[]]>, [string, ...number[]]>>,
  Is<Equal<Sendable<readonly [string, number?]>, readonly [string, number?]>>,
  Is<CanBeSent<void>>,
  Is<CanBeSent<Frozen<WithMethod>>>,
  Is<CanBeSent<AsyncIterable<Point>>>,
  Is<CanBeSent<AsyncGenerator<Point, void, undefined>>>,
]

/** A callback's parameter takes the plain function. */
export type Callbacks = [
  Is<(() => void) extends Sendable<Callback<() => void>> ? true : false>,
  Is<((n: string) => void) extends Sendable<Callback<(n: number) => void>> ? false : true>,
]

/** Declared as an Iterable: an array or a Set can be sent, and satisfies it when it arrives. */
export type Iterables = [
  Is<Equal<Sendable<Iterable<Point>>, readonly Point[] | ReadonlySet<Point>>>,
  Is<Point[] extends Sendable<Iterable<Point>> ? true : false>,
  Is<Generator<Point> extends Sendable<Iterable<Point>> ? false : true>,
]

/** What has no reason of its own in the table: its members have. */
export type Refused = [
  Is<CanBeSent<Protocol> extends true ? false : true>,
  Is<CanBeSent<MessagePort> extends true ? false : true>,
  Is<CanBeSent<AbortController> extends true ? false : true>,
  Is<CanBeSent<URLSearchParams> extends true ? false : true>,
  Is<CanBeSent<AsyncIterable<() => void>> extends true ? false : true>,
  Is<Equal<Sendable<symbol>, NotSendable<'a symbol cannot be sent'>>>,
]
