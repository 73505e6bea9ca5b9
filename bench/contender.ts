/** One worker or actor with the three methods of methods.mjs, called the way its library wants to be called. */
export interface Session {
  add(n: number): Promise<number>
  work50(n: number): Promise<number>
  /** Not there where the library cannot carry bytes. */
  readonly echo?: (bytes: Uint8Array) => Promise<Uint8Array>
  /** 1 … n, one after another. Not there where the library has no streams. */
  readonly count?: (n: number) => AsyncIterable<number>
  close(): Promise<unknown>
}

/** A library, with its default options and one thread. */
export interface Contender {
  readonly name: string
  open(): Promise<Session>
}

/** The rows name these two: all others are libraries. */
export const TROUPE = 'Troupe'
export const RAW = 'raw postMessage'
