import { openSync, readFileSync, writeSync } from 'node:fs'
import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'

/**
 * Writes down the number of each message as the first act of its handler. One `write` of four bytes is done or not done,
 * whatever happens to the thread around it, so the file says exactly what was begun. It goes past everything that is
 * tested here: a message that tells another actor would go through the very queues that are in question.
 */
export class Scribe extends Actor {
  static readonly module = import.meta.url
  readonly #file: number
  readonly #bytes = Buffer.alloc(4)

  constructor(path: string) {
    super()
    this.#file = openSync(path, 'a')
  }

  take(n: number, _filler?: string): void {
    this.#bytes.writeUInt32LE(n)
    writeSync(this.#file, this.#bytes)
  }

  answer(n: number): readonly [n: number, incarnation: number] {
    this.take(n)
    return [n, this.context.incarnation]
  }

  hold(gate: ActorRef<Gate>): Promise<void> {
    return passGate(gate)
  }

  echo(value: unknown): unknown {
    return value
  }
}

/** The numbers in the order in which they were begun, without the first `skip`. */
export function begunIn(path: string, skip = 0): number[] {
  const bytes = readFileSync(path)
  const numbers: number[] = []
  for (let at = skip * 4; at < bytes.length; at += 4) numbers.push(bytes.readUInt32LE(at))
  return numbers
}
