// A chain of actors that each hold some primes: what none of them divides goes to the next, which is started when it is needed.
import { Actor, type ActorRef } from '@troupe/runtime'
import { LONG, type Program, timed } from '../program.ts'

/** Numbers travel in batches: a chain that grows has to hold back what comes in, and a message that waits for a start does. */
const BATCH = 256

export class Sieve extends Actor {
  static readonly module = import.meta.url
  readonly #primesMax: number
  readonly #primes: number[] = []
  #next: ActorRef<Sieve> | undefined
  #batches = 0

  constructor(primesMax: number) {
    super()
    this.#primesMax = primesMax
  }

  async candidates(numbers: readonly number[]): Promise<void> {
    this.#batches++
    const rest: number[] = []
    for (const n of numbers) {
      if (this.#primes.some((prime) => n % prime === 0)) continue
      if (this.#primes.length < this.#primesMax) this.#primes.push(n)
      else rest.push(n)
    }
    if (rest.length === 0) return
    this.#next ??= await this.context.spawn(Sieve, { args: [this.#primesMax] })
    await this.#next.tell({ whenFull: 'wait', ...LONG }).candidates(rest)
  }

  /** Of this one and of all after it. Asked for last, so it comes when the last number has gone through. */
  async found(): Promise<{ readonly primes: readonly number[]; readonly batches: number }> {
    const further = await this.#next?.ask(LONG).found()
    return { primes: [...this.#primes, ...(further?.primes ?? [])], batches: this.#batches + (further?.batches ?? 0) }
  }
}

/** Eratosthenes' own way. */
function primesBelow(n: number): number[] {
  const isComposite = new Uint8Array(n)
  const primes: number[] = []
  for (let i = 2; i < n; i++) {
    if (isComposite[i]) continue
    primes.push(i)
    for (let j = i * i; j < n; j += i) isComposite[j] = 1
  }
  return primes
}

export const program: Program<{ numbers: number; primesEach: number }> = {
  name: 'Sieve of Eratosthenes',
  paper: '100,000 numbers, 1,000 primes in each actor',
  sizes: {
    smoke: { numbers: 1_000, primesEach: 60 },
    quick: { numbers: 20_000, primesEach: 500 },
    full: { numbers: 100_000, primesEach: 1_000 },
  },
  async run(system, { numbers, primesEach }) {
    const first = await system.spawn(Sieve, { args: [primesEach] })
    const { ms, value } = await timed(async () => {
      for (let from = 2; from < numbers; from += BATCH) {
        const batch = Array.from({ length: Math.min(BATCH, numbers - from) }, (_, i) => from + i)
        await first.tell({ whenFull: 'wait', ...LONG }).candidates(batch)
      }
      return await first.ask(LONG).found()
    })
    const chain = Math.ceil(value.primes.length / primesEach)
    return { ms, messages: value.batches + 2 * chain, result: value.primes, expected: primesBelow(numbers) }
  },
}
