import { InvalidArgumentError } from '../base/errors.ts'
import { checkDuration } from '../base/limits.ts'
import { checkKeys, checkSignal } from '../base/options.ts'
import { shown } from '../base/shown.ts'
import { HOSTED_LANES, QUEUE_BYTES_MAX_MAX, QUEUE_LANES, QUEUE_SHAPES, type QueueShape } from '../queue/queue-layout.ts'

const CAPACITY = 1_024
const CAPACITY_MAX = 2 ** 20
const BYTES_MAX = 256 * 1024
const KEYS = ['capacity', 'bytesMax', 'system']
const SYNC_KEYS = ['timeoutMs']
const WAIT_KEYS = ['timeoutMs', 'signal']

export interface QueueOptions {
  /** Items that may wait. Default 1 024. Several producers that put at the very same moment may each add one too many. */
  readonly capacity?: number
  /** Bytes that may wait from one producer, and the most that one item may have. Default 256 KiB. */
  readonly bytesMax?: number
  /**
   * A system, or an actor's `this.context`: the queue then lies in that system's memory, can be sent in messages and in the
   * arguments of `spawn`, holds refs, and keeps its memory until the system has stopped. Default: memory of its own.
   */
  readonly system?: object
}

export interface QueueSyncOptions {
  /** Default Infinity: waits until it is possible, or the queue is closed. */
  readonly timeoutMs?: number
}

export interface QueueWaitOptions extends QueueSyncOptions {
  /** Ends the wait: the promise rejects with AskAbortedError, and nothing was put or taken. */
  readonly signal?: AbortSignal
}

/** What a queue is in `workerData`, or in a `postMessage`: plain data and shared memory. `Queue.from` makes a queue of it. */
export interface QueueHandle {
  readonly memory: SharedArrayBuffer
  readonly atByte: number
  readonly name: readonly [number, number]
}

/** @throws {InvalidArgumentError} for an option that there is not, or out of its range */
export function shapeOf(options: QueueOptions): QueueShape {
  checkKeys(options, KEYS, 'Queue.create')
  const { capacity, bytesMax, system } = options
  return {
    lanes: system === undefined ? QUEUE_LANES : HOSTED_LANES,
    capacity: checkCount(capacity ?? CAPACITY, 'capacity', CAPACITY_MAX),
    bytesMax: checkCount(bytesMax ?? BYTES_MAX, 'bytesMax', QUEUE_BYTES_MAX_MAX),
    shapes: system === undefined ? QUEUE_SHAPES : 0,
  }
}

export function randomName(): [number, number] {
  return [(Math.random() * 2 ** 32) | 0, (Math.random() * 2 ** 32) | 0]
}

export function memoryOf(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InvalidArgumentError(
      `Queue.create: a queue of this size needs ${bytes} bytes (${QUEUE_LANES} × bytesMax), which this machine does not give. Use a smaller bytesMax.`,
    )
  }
}

function checkCount(value: unknown, name: string, max: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max) return value as number
  throw new InvalidArgumentError(`${name} must be a whole number from 1 to ${max}, and is ${shown(value)}.`)
}

/** How long a blocking call may wait. A misspelt `timeoutMs` would be a wait for ever. */
export function syncTimeoutOf(options: QueueSyncOptions | undefined, call: string): number {
  return options === undefined ? Number.POSITIVE_INFINITY : timeoutOf(options, SYNC_KEYS, call)
}

/** The same of a call that gives a promise. */
export function waitTimeoutOf(options: QueueWaitOptions | undefined, call: string): number {
  if (options === undefined) return Number.POSITIVE_INFINITY
  const timeoutMs = timeoutOf(options, WAIT_KEYS, call)
  checkSignal(options.signal, call)
  return timeoutMs
}

function timeoutOf(options: QueueSyncOptions, keys: readonly string[], call: string): number {
  checkKeys(options, keys, call)
  return options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : checkDuration(options.timeoutMs, 'timeoutMs', { infinity: true })
}
