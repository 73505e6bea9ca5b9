import { Actor, type ActorRef } from '@troupe/runtime'

/** Empty, inside a ring, at its limit, in blocks of its own. */
const SIZES = [0, 90, 3_000, 5_000, 40_000]

function patterned(n: number): Uint8Array {
  const bytes = new Uint8Array(SIZES[n % SIZES.length]!)
  for (let i = 0; i < bytes.length; i++) bytes[i] = n + i * 7
  return bytes
}

/** Sends numbered parcels to one receiver from its start to its violent end. */
export class Courier extends Actor {
  static readonly module = import.meta.url
  readonly #to: ActorRef<Receiver>
  readonly #predecessors: number

  /** `predecessors`: lives of others before its own first. */
  constructor(to: ActorRef<Receiver>, predecessors: number) {
    super()
    this.#to = to
    this.#predecessors = predecessors
  }

  override onStart(): void {
    void this.#send()
  }

  async #send(): Promise<never> {
    const life = this.#predecessors + this.context.incarnation
    for (let n = 0; ; n++) {
      this.#to.tell.receive(life, n, patterned(n))
      // The answer keeps it from running ahead.
      if (n % 50 === 49) await this.#to.ask({ timeoutMs: Number.POSITIVE_INFINITY }).received()
    }
  }
}

/** Looks into each parcel. */
export class Receiver extends Actor {
  static readonly module = import.meta.url
  readonly #faults: string[] = []
  #received = 0
  #from = 0
  #next = 0

  receive(from: number, n: number, bytes: Uint8Array): void {
    const isNew = from > this.#from
    if (from < this.#from) this.#faults.push(`${n} of ${from} came after the first of ${this.#from}`)
    if (n !== (isNew ? 0 : this.#next)) this.#faults.push(`${n} of ${from} instead of ${isNew ? 0 : this.#next}`)
    if (Buffer.compare(bytes, patterned(n)) !== 0) this.#faults.push(`${n} of ${from} is torn`)
    this.#from = from
    this.#next = n + 1
    this.#received++
  }

  received(): number {
    return this.#received
  }

  faults(): string[] {
    return this.#faults
  }
}
