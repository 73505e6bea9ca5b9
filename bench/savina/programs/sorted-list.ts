// Workers look up and insert values in a sorted linked list that one actor owns, and ask for its length.
import { Actor, type ActorRef } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { LONG, many, type Program, timed } from '../program.ts'

const INSERTS_PERCENT = 10
const LENGTHS_PERCENT = 1
const VALUES = 200

interface Node {
  readonly value: number
  next: Node | undefined
}

export class SortedList extends Actor {
  static readonly module = import.meta.url
  readonly #head: Node = { value: Number.NEGATIVE_INFINITY, next: undefined }
  #length = 0

  insert(value: number): void {
    const before = this.#lastBelow(value)
    if (before.next?.value === value) return
    before.next = { value, next: before.next }
    this.#length++
  }

  has(value: number): boolean {
    return this.#lastBelow(value).next?.value === value
  }

  length(): number {
    return this.#length
  }

  values(): number[] {
    const values: number[] = []
    for (let node = this.#head.next; node !== undefined; node = node.next) values.push(node.value)
    return values
  }

  #lastBelow(value: number): Node {
    let node = this.#head
    while (node.next !== undefined && node.next.value < value) node = node.next
    return node
  }
}

type Step = readonly [what: 'insert' | 'has' | 'length', value: number]

/** What one worker does. The values of two workers differ, so that each look-up has one right answer. */
function* steps(id: number, workers: number, accesses: number): Generator<Step> {
  const dice = new Dice(id)
  for (let i = 0; i < accesses; i++) {
    const draw = dice.roll(100)
    const what = draw < INSERTS_PERCENT ? 'insert' : draw < INSERTS_PERCENT + LENGTHS_PERCENT ? 'length' : 'has'
    yield [what, dice.roll(VALUES) * workers + id]
  }
}

export class Worker extends Actor {
  static readonly module = import.meta.url

  /** How many look-ups found their value. */
  async work(id: number, workers: number, accesses: number, list: ActorRef<SortedList>): Promise<number> {
    let found = 0
    let lengthBefore = 0
    for (const [what, value] of steps(id, workers, accesses)) {
      if (what === 'insert') await list.ask.insert(value)
      else if (what === 'has') found += Number(await list.ask.has(value))
      else {
        const length = await list.ask.length()
        if (length < lengthBefore) throw new Error(`the list had ${lengthBefore} values, and has ${length}`)
        lengthBefore = length
      }
    }
    return found
  }
}

function expectedOf(workers: number, accesses: number): readonly [found: number[], values: number[]] {
  const all = new Set<number>()
  const found = Array.from({ length: workers }, (_, id) => {
    let count = 0
    for (const [what, value] of steps(id, workers, accesses)) {
      if (what === 'insert') all.add(value)
      else if (what === 'has' && all.has(value)) count++
    }
    return count
  })
  return [found, [...all].sort((a, b) => a - b)]
}

export const program: Program<{ workers: number; accesses: number }> = {
  name: 'Concurrent Sorted Linked-List',
  paper: '21 actors, 8,000 accesses by each worker, 10 % inserts, 1 % lengths',
  sizes: { smoke: { workers: 3, accesses: 100 }, quick: { workers: 6, accesses: 1_500 }, full: { workers: 20, accesses: 4_000 } },
  async run(system, { workers, accesses }) {
    const list = await system.spawn(SortedList)
    const refs = await many(workers, () => system.spawn(Worker))
    const { ms, value } = await timed(() => Promise.all(refs.map((ref, id) => ref.ask(LONG).work(id, workers, accesses, list))))
    return {
      ms,
      messages: 2 * workers * (accesses + 1),
      result: [value, await list.ask.values()],
      expected: expectedOf(workers, accesses),
    }
  },
}
