// A signal is split into bands, filtered, thinned out and put together again: two actors for each channel, and one that adds.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { finishLine, many, must, type Program, taken, timed } from '../program.ts'

const TAPS = 32

function coefficient(channel: number, tap: number): number {
  return Math.cos((channel + 1) * (tap + 0.5)) / TAPS
}

/** A filter of finite length. */
class Filter {
  readonly #coefficients: readonly number[]
  readonly #latest = new Float64Array(TAPS)
  #at = 0

  constructor(coefficients: readonly number[]) {
    this.#coefficients = coefficients
  }

  pass(sample: number): number {
    this.#latest[this.#at] = sample
    let out = 0
    for (let i = 0; i < TAPS; i++) out += this.#coefficients[i]! * this.#latest[(this.#at - i + TAPS) % TAPS]!
    this.#at = (this.#at + 1) % TAPS
    return out
  }
}

export class Analysis extends Actor {
  static readonly module = import.meta.url
  readonly #filter: Filter
  readonly #every: number
  readonly #next: ActorRef<Synthesis>
  #count = 0

  constructor(channel: number, every: number, next: ActorRef<Synthesis>) {
    super()
    this.#filter = new Filter(Array.from({ length: TAPS }, (_, tap) => coefficient(channel, tap)))
    this.#every = every
    this.#next = next
  }

  sample(x: number): void {
    const out = this.#filter.pass(x)
    if (this.#count++ % this.#every === 0) must(this.#next.tell.thinned(out))
  }
}

export class Synthesis extends Actor {
  static readonly module = import.meta.url
  readonly #channel: number
  readonly #filter: Filter
  readonly #every: number
  readonly #combiner: ActorRef<Combiner>

  constructor(channel: number, every: number, combiner: ActorRef<Combiner>) {
    super()
    this.#channel = channel
    this.#filter = new Filter(Array.from({ length: TAPS }, (_, tap) => coefficient(channel, TAPS - 1 - tap)))
    this.#every = every
    this.#combiner = combiner
  }

  thinned(x: number): void {
    for (let i = 0; i < this.#every; i++) must(this.#combiner.tell.part(this.#channel, this.#filter.pass(i === 0 ? x : 0)))
  }
}

export class Combiner extends Actor {
  static readonly module = import.meta.url
  readonly #samples: number
  readonly #done: Queue<number>
  readonly #parts: number[][]
  readonly #sums: number[] = []

  constructor(channels: number, samples: number, done: Queue<number>) {
    super()
    this.#samples = samples
    this.#done = done
    this.#parts = Array.from({ length: channels }, () => [])
  }

  part(channel: number, x: number): void {
    this.#parts[channel]!.push(x)
    const i = this.#sums.length
    if (!this.#parts.every((parts) => parts.length > i)) return
    this.#sums.push(this.#parts.reduce((total, parts) => total + parts[i]!, 0))
    if (this.#sums.length === this.#samples) this.#done.putSync(i)
  }

  sums(): number[] {
    return this.#sums
  }
}

/** By the definition of a convolution: nothing is kept from one sample to the next. */
function directly(signal: readonly number[], channels: number, every: number): number[] {
  const bands = Array.from({ length: channels }, (_, channel) => {
    const convolve = (x: readonly number[], at: number, taps: (tap: number) => number): number => {
      let out = 0
      for (let tap = 0; tap < TAPS; tap++) out += taps(tap) * (x[at - tap] ?? 0)
      return out
    }
    const thinned = signal.map((_, i) => (i % every === 0 ? convolve(signal, i, (tap) => coefficient(channel, tap)) : 0))
    return signal.map((_, i) => convolve(thinned, i, (tap) => coefficient(channel, TAPS - 1 - tap)))
  })
  return signal.map((_, i) => bands.reduce((total, band) => total + band[i]!, 0))
}

export const program: Program<{ channels: number; samples: number }> = {
  name: 'Filter Bank',
  paper: '8 channels, 34,816 samples, 6 actors for each channel',
  sizes: {
    smoke: { channels: 2, samples: 100 },
    quick: { channels: 4, samples: 8_000 },
    full: { channels: 8, samples: 32_000 },
  },
  async run(system, { channels, samples }) {
    const signal = Array.from({ length: samples }, (_, i) => Math.sin(i / 10) + Math.sin(i / 3))
    const done = finishLine<number>(system)
    const combiner = await system.spawn(Combiner, { args: [channels, samples, done] })
    const ends = await many(channels, (i) => system.spawn(Synthesis, { args: [i, channels, combiner] }))
    const starts = await many(channels, (i) => system.spawn(Analysis, { args: [i, channels, ends[i]!] }))
    const { ms } = await timed(() => {
      for (const x of signal) for (const start of starts) must(start.tell.sample(x))
      return taken(done)
    })
    const messages = channels * (2 * samples + samples / channels)
    return { ms, messages, result: await combiner.ask.sums(), expected: directly(signal, channels, channels) }
  },
}
