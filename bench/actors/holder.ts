import { Actor, type Frozen, type FrozenMap, freeze, move } from '@troupe/runtime'
import { touch } from '../methods.mjs'

export interface Row {
  readonly id: number
  readonly name: string
  readonly price: number
  readonly tags: readonly string[]
}
export type Table = FrozenMap<string, Frozen<Row>>

export function tableOf(rows: number, pad = ''): Map<string, Row> {
  return new Map(
    Array.from({ length: rows }, (_, i) => [`key-${i}`, { id: i, name: `${pad}row ${i}`, price: i * 1.25, tags: ['a', `t${i % 7}`] }]),
  )
}

/** Holds a frozen table, and gives back what is moved to it. */
export class Holder extends Actor {
  static readonly module = import.meta.url
  #table: Table | undefined

  make(rows: number, pad: string): Table {
    return freeze(tableOf(rows, pad)) as unknown as Table
  }

  /** Looks at every row. */
  hold(table: Table): number {
    this.#table = table
    let sum = 0
    for (const row of this.#table.values()) sum += row.id + row.name.length
    return sum
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms))
  }

  block(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  }

  touch(bytes: Uint8Array): Uint8Array {
    touch(bytes)
    return move(bytes)
  }
}
