import type { AnyFunction, FunctionSource, Portable } from './portable-function.ts'
import type { ChunkKind, SharedNumbers } from './task-runner.ts'

export interface ParJob {
  readonly kind: ChunkKind
  readonly fn: Portable<AnyFunction>
  readonly source: FunctionSource
  readonly initial?: unknown
  /** For results of shared items: they are written there, and not collected. */
  readonly into?: SharedNumbers | undefined
  /** What came of so many items from that index on: see `ChunkDone.values`. Called once for each item, in no order. */
  readonly collect: (index: number, count: number, values: unknown) => void
}

export interface ParRunOptions {
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined
  readonly hereMs?: number | undefined
}

/** How far a `par` has come, for all who work at it. */
export class ParState {
  done = 0
  /** What an item takes, by the last ones; 0: none has been done. */
  msPerItem = 0
  failure: { readonly error: unknown } | undefined
}
