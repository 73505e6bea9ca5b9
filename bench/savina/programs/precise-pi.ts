// Digits of pi: a master gives term after term of the formula of Bailey, Borwein and Plouffe to whoever is free.
import { Actor } from '@troupe/runtime'
import { LONG, many, type Program, timed } from '../program.ts'

/** Digits that rounding may spoil. */
const GUARD = 10

export class Worker extends Actor {
  static readonly module = import.meta.url

  /** Term k, times `scale`. */
  term(k: number, scale: bigint): bigint {
    const eightK = 8n * BigInt(k)
    const part = (4n * scale) / (eightK + 1n) - (2n * scale) / (eightK + 4n) - scale / (eightK + 5n) - scale / (eightK + 6n)
    return part >> BigInt(4 * k)
  }
}

/** John Machin's: 16 arctan(1/5) − 4 arctan(1/239). */
function machin(scale: bigint): bigint {
  const arctanOfOneBy = (x: bigint): bigint => {
    let total = 0n
    let power = scale / x
    for (let n = 1n, sign = 1n; power > 0n; n += 2n, sign = -sign) {
      total += (sign * power) / n
      power /= x * x
    }
    return total
  }
  return 16n * arctanOfOneBy(5n) - 4n * arctanOfOneBy(239n)
}

export const program: Program<{ workers: number; digits: number }> = {
  name: 'Precise Pi Computation',
  paper: '21 actors, 5,000 digits',
  sizes: { smoke: { workers: 2, digits: 100 }, quick: { workers: 4, digits: 2_000 }, full: { workers: 8, digits: 5_000 } },
  async run(system, { workers, digits }) {
    const refs = await many(workers, () => system.spawn(Worker))
    const scale = 10n ** BigInt(digits + GUARD)
    // Each term is 16 times smaller than the one before.
    const terms = Math.ceil((digits + GUARD) / Math.log10(16)) + 1
    const { ms, value } = await timed(async () => {
      let next = 0
      let total = 0n
      // Two for each worker, so that none waits for its next.
      await many(2 * workers, async (i) => {
        while (next < terms) {
          const term = await refs[i % workers]!.ask(LONG).term(next++, scale)
          total += term
        }
      })
      return total
    })
    const cut = (pi: bigint): string => String(pi / 10n ** BigInt(GUARD))
    return { ms, messages: 2 * terms, result: cut(value), expected: cut(machin(scale)) }
  },
}
