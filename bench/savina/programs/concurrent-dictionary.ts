// Workers read and write a dictionary that one actor owns. Each has keys of its own, so that each read has one right answer.
import { Actor, type ActorRef } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { LONG, many, type Program, timed } from '../program.ts'

const WRITES_PERCENT = 10
const KEYS = 512

export class Dictionary extends Actor {
  static readonly module = import.meta.url
  readonly #values = new Map<number, number>()

  read(key: number): number {
    return this.#values.get(key) ?? 0
  }

  write(key: number, value: number): number {
    this.#values.set(key, value)
    return value
  }
}

interface Access {
  read(key: number): number | Promise<number>
  write(key: number, value: number): number | Promise<number>
}

/** What one worker does, with whatever dictionary. */
async function useDictionary(id: number, accesses: number, { read, write }: Access): Promise<number> {
  const dice = new Dice(id)
  let checksum = 0
  for (let i = 0; i < accesses; i++) {
    const isWrite = dice.roll(100) < WRITES_PERCENT
    const key = id * KEYS + dice.roll(KEYS)
    checksum = (Math.imul(checksum, 31) + (await (isWrite ? write(key, i) : read(key)))) | 0
  }
  return checksum
}

export class Worker extends Actor {
  static readonly module = import.meta.url

  work(id: number, accesses: number, { ask }: ActorRef<Dictionary>): Promise<number> {
    return useDictionary(id, accesses, { read: (key) => ask.read(key), write: (key, value) => ask.write(key, value) })
  }
}

export const program: Program<{ workers: number; accesses: number }> = {
  name: 'Concurrent Dictionary',
  paper: '21 actors, 10,000 accesses by each worker, 10 % writes',
  sizes: { smoke: { workers: 3, accesses: 100 }, quick: { workers: 6, accesses: 2_000 }, full: { workers: 20, accesses: 5_000 } },
  async run(system, { workers, accesses }) {
    const dictionary = await system.spawn(Dictionary)
    const refs = await many(workers, () => system.spawn(Worker))
    const { ms, value } = await timed(() => Promise.all(refs.map((ref, id) => ref.ask(LONG).work(id, accesses, dictionary))))
    const map = new Map<number, number>()
    const plain: Access = { read: (key) => map.get(key) ?? 0, write: (key, to) => map.set(key, to).get(key)! }
    return {
      ms,
      messages: 2 * workers * (accesses + 1),
      result: value,
      expected: await many(workers, (id) => useDictionary(id, accesses, plain)),
    }
  },
}
