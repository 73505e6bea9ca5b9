/** What can be seen of an isolate from outside, whatever it is doing. */
export interface Measured {
  /** Undefined where that cannot be seen, or when it did not answer: it is stuck in native code, or has ended. */
  readonly memory: MeasuredMemory | undefined
  readonly cpu: MeasuredCpu | undefined
  readonly loop: MeasuredLoop
}

export interface MeasuredMemory {
  readonly heapBytes: number
  readonly heapLimitBytes: number
  /** Buffers and what else lies outside of the heap and belongs to it. */
  readonly externalBytes: number
}

/** Of its thread, since its start. */
export interface MeasuredCpu {
  readonly userMs: number
  readonly systemMs: number
}

/** Since its start. A loop is active while anything runs in it, also while that blocks. */
export interface MeasuredLoop {
  readonly activeMs: number
  readonly idleMs: number
}
