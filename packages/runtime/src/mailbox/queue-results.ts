import { QueueClosedError } from '../base/errors.ts'

/** How an item, or the end of a queue, is given to whoever asked: to a `get`, or to a loop. */

export function asItself<T>(item: T): T {
  return item
}

export function rejectEnd<T>(): Promise<T> {
  return Promise.reject(new QueueClosedError('queue.get()'))
}

export function asNext<T>(value: T): IteratorResult<T, undefined> {
  return { value, done: false }
}

export function endOfLoop(): Promise<IteratorReturnResult<undefined>> {
  return Promise.resolve({ value: undefined, done: true })
}
