import { InvalidArgumentError } from '../base/errors.ts'

/** What is to be moved, and not copied, by the next message that it is in. */
const marked = new WeakSet<object>()
/** Whoever writes a binary asks this first: mostly there is nothing to look up. */
let marks = 0

/** What `move` takes: bytes, a MessagePort, a FileHandle, or (where Node can, from 24 on) a `net.Socket` or a `net.Server`. */
export type Movable = ArrayBuffer | ArrayBufferView | PortLike | FileLike | SocketLike | ServerLike

/** A MessagePort, as far as the compiler must know it. */
export interface PortLike {
  postMessage(message: unknown): void
  start(): void
  close(): void
}

/** A `net.Socket`, as far as the compiler must know it: this library's types do not depend on Node's. */
export interface SocketLike {
  readonly remoteAddress?: string | undefined
  setNoDelay(noDelay?: boolean): unknown
}

/** A FileHandle of `node:fs/promises`, as far as the compiler must know it. */
export interface FileLike {
  readonly fd: number
  readLines(): unknown
}

/** A `net.Server`, as far as the compiler must know it. */
export interface ServerLike {
  readonly listening: boolean
  getConnections(callback: (error: Error | null, count: number) => void): unknown
}

declare const moved: unique symbol
/** For the compiler only. */
export interface MovedMark {
  readonly [moved]: true
}
/** What `move` returns. Bytes keep their type; a method that is given a port or a socket declares its parameter so: `Moved<Socket>`. */
export type Moved<T> = T extends ArrayBuffer | ArrayBufferView ? T : T & MovedMark

/**
 * Hands something over with the next message that it is in, instead of a copy: `ref.tell.resize(move(pixels))`, `return
 * move(pixels)`. It returns what it was given. Once that message is accepted, a buffer is detached here: it has no bytes, its
 * views are empty, and to make one or to send it throws. Of a typed array all of its buffer is moved, other views of it included. A
 * Buffer that is only a part of its memory (Node's pool, as from `Buffer.from(text)`) is copied: moving it would take others' bytes along.
 *
 * @throws {InvalidArgumentError} for what cannot be moved
 */
export function move<T extends Movable>(value: T): Moved<T> {
  if (!isMovable(value))
    throw new InvalidArgumentError(
      'move() takes an ArrayBuffer, a typed array, a MessagePort, a FileHandle, a net.Socket or a net.Server. Shared memory is shared with share(), a table with freeze(); all else is copied.',
    )
  if (!marked.has(value)) {
    marked.add(value)
    marks++
  }
  return value as Moved<T>
}

function isMovable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer
  return value instanceof ArrayBuffer || handleName(value) !== undefined
}

/** What has one owner at a time, and can be handed over, but never copied. Known by its looks: this layer imports nothing of Node's. */
export function handleName(value: object): string | undefined {
  if (typeof MessagePort === 'function' && value instanceof MessagePort) return 'a MessagePort'
  if ('fd' in value && 'readLines' in value) return 'a FileHandle'
  if ('setNoDelay' in value && 'remoteAddress' in value && 'pipe' in value) return 'a socket'
  return 'getConnections' in value && 'listening' in value ? 'a server' : undefined
}

export function isMarked(value: object): boolean {
  return marks > 0 && marked.has(value)
}

/** It has been moved. */
export function unmark(value: object): void {
  if (marked.delete(value)) marks--
}

/** Whether its memory is its own. Of Node's pool, a Buffer has a part. */
export function ownsMemory(view: ArrayBufferView): boolean {
  return !Buffer.isBuffer(view) || view.byteLength === view.buffer.byteLength
}
