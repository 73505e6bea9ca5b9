export interface Reading {
  readonly id: number
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly isLast: boolean
}

export interface Driven {
  readonly sent: number
  readonly sum: number
  readonly elapsedMs: number
}

export interface CallTimes {
  readonly calls: number
  readonly p50Micros: number
  readonly p99Micros: number
}

export declare function drive(send: (reading: Reading) => void, state: () => Promise<unknown>, ms: number): Promise<Driven>
export declare function driveQueue<Taken>(
  to: { put(reading: Reading): Promise<unknown> | undefined; end(): Promise<Taken> },
  ms: number,
): Promise<Driven & { readonly taken: Taken }>
export declare function timeCalls(call: (n: number) => Promise<number>, ms: number): Promise<CallTimes>
export declare function timeSyncCalls(call: (n: number) => number, ms: number): CallTimes

export declare class Times {
  add(ms: number): void
  isOver(ms: number): boolean
  summary(): CallTimes
}
