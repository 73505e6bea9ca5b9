import { InvalidArgumentError } from '../base/errors.ts'

/** The typed arrays that may be sent as what they are. */
const shared = new WeakSet<object>()

/** A typed array (or a DataView) over shared memory. */
export type SharedArray = ArrayBufferView<SharedArrayBuffer>

declare const isShared: unique symbol
/** A typed array over memory that sender and receiver both see: declare a method's parameter as `Shared<Int32Array>`. */
export type Shared<T> = T & SharedMark
export interface SharedMark {
  readonly [isShared]: true
}

/**
 * Allows a typed array over a SharedArrayBuffer to be sent: all who get it see and change the same memory, in which
 * nothing orders what they do but `Atomics`. It returns what it was given; whoever receives it may send it on.
 *
 * @throws {InvalidArgumentError} for anything else
 */
export function share<T extends SharedArray>(array: T): Shared<T> {
  const given: unknown = array
  if (!ArrayBuffer.isView(given) || !((given.buffer as unknown) instanceof SharedArrayBuffer))
    throw new InvalidArgumentError(
      'share() takes a typed array over a SharedArrayBuffer: share(new Int32Array(new SharedArrayBuffer(bytes))).',
    )
  shared.add(array)
  return array as Shared<T>
}

export function mayBeShared(array: object): boolean {
  return shared.has(array)
}
