import { Actor, type ActorRef } from '@troupe/runtime'
import * as L from '../../packages/runtime/src/queue/layout.ts'
import type { Recorder } from './recorder.ts'

/** What is done to a record at the moment of its commit: the word of its header, or the tail, and what is written there. */
export type Spoil =
  | { readonly word: 'length' | 'run' | 'payloadBytes'; readonly value: number }
  | { readonly word: 'tail'; readonly moveBy: number }
  | { readonly word: 'payload' }

const WORDS = { length: L.RECORD_LENGTH, run: L.RECORD_RUN, payloadBytes: L.RECORD_PAYLOAD_BYTES }
const FLIP_FOR_MS = 5
const STORM_FOR_MS = 300

/** Writes over its own lane in shared memory, which it gets at by standing between the runtime and its atomic operations. */
export class Scribbler extends Actor {
  static readonly module = import.meta.url

  note(to: ActorRef<Recorder>, what: unknown): boolean {
    return to.tell.note(what)
  }

  /** The code of the error that a message of so many characters ends with. */
  overload(to: ActorRef<Recorder>, characters: number): unknown {
    try {
      return to.tell.note('x'.repeat(characters))
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  spoil(to: ActorRef<Recorder>, spoil: Spoil): void {
    const { compareExchange } = Atomics
    Atomics.compareExchange = ((words: Int32Array, index: number, expected: number, value: number) => {
      // Of a segment, not of the head of the arena: a commit.
      const isCommit = index === L.SEGMENT_TAIL && words.byteOffset > 0
      if (!isCommit) return compareExchange(words, index, expected, value)
      const ringBytes = words[L.SEGMENT_BLOCKS]! * L.BLOCK_DATA_BYTES
      const record = L.SEGMENT_HEADER_WORDS + ((expected & (ringBytes - 1)) >> 2)
      if (spoil.word === 'tail') return compareExchange(words, index, expected, (expected + spoil.moveBy) | 0)
      if (spoil.word !== 'payload') words[record + WORDS[spoil.word]] = spoil.value
      const found = compareExchange(words, index, expected, value)
      if (spoil.word === 'payload') flip(words, record + (L.RECORD_HEADER_BYTES >> 2), record + ((value - expected) >> 2))
      return found
    }) as typeof Atomics.compareExchange
    try {
      to.tell.note(Array.from({ length: 200 }, (_, n) => `${n}`))
    } catch {
      // The runtime may notice that its swap has failed.
    } finally {
      Atomics.compareExchange = compareExchange
    }
  }

  /** Sends a message of these bytes, whatever they are. At most 200. */
  forge(to: ActorRef<Recorder>, bytes: Uint8Array): void {
    this.#atCommit(L.MESSAGES, (words, record) => {
      new Uint8Array(words.buffer, words.byteOffset + record * 4 + L.RECORD_HEADER_BYTES).set(bytes)
      words[record + L.RECORD_PAYLOAD_BYTES] = words[record + L.RECORD_ENVELOPE + 5] = bytes.length
    })
    to.tell.note('x'.repeat(250))
  }

  /** Answers the ask that was sent before this one instead of this one. */
  usurp(): string {
    this.#atCommit(L.REPLIES, (words, record) => {
      words[record + L.RECORD_ENVELOPE + 2]! -= 1
    })
    return 'usurped'
  }

  /** Once, before the next commit of a record of that kind. */
  #atCommit(kind: number, write: (words: Int32Array, record: number) => void): void {
    const { compareExchange } = Atomics
    Atomics.compareExchange = ((words: Int32Array, index: number, expected: number, value: number) => {
      if (index === L.SEGMENT_TAIL && words.byteOffset > 0 && words[L.SEGMENT_KIND] === kind) {
        Atomics.compareExchange = compareExchange
        const ringBytes = words[L.SEGMENT_BLOCKS]! * L.BLOCK_DATA_BYTES
        write(words, L.SEGMENT_HEADER_WORDS + ((expected & (ringBytes - 1)) >> 2))
      }
      return compareExchange(words, index, expected, value)
    }) as typeof Atomics.compareExchange
  }

  /** Adds to the word on which that one sleeps and notifies it, again and again. Returns how often, −1: it is never asleep. */
  storm(to: ActorRef<Recorder>): number {
    const { notify } = Atomics
    let found: { words: Int32Array; index: number } | undefined
    Atomics.notify = ((words: Int32Array, index: number) => {
      found = { words, index }
      return notify(words, index)
    }) as typeof Atomics.notify
    for (let i = 0; i < 1_000 && found === undefined; i++) {
      to.tell.note('storm')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
    Atomics.notify = notify
    if (found === undefined) return -1
    let times = 0
    for (const untilMs = performance.now() + STORM_FOR_MS; performance.now() < untilMs; times++) {
      Atomics.add(found.words, found.index, 1)
      notify(found.words, found.index)
    }
    return times
  }
}

function flip(words: Int32Array, from: number, to: number): void {
  for (const untilMs = performance.now() + FLIP_FOR_MS; performance.now() < untilMs; ) {
    for (let at = from; at < to; at++) words[at]! ^= 0x5a5a_5a5a
  }
}
