import { Actor, type ActorRef, type Router } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'

/** One of several alike: it knows which. */
export class Partition extends Actor {
  static readonly module = import.meta.url
  #count = 0

  number(): number {
    return Number(this.context.path.split('/').at(-1))
  }

  incarnation(): number {
    return this.context.incarnation
  }

  count(): void {
    this.#count++
  }

  counted(): number {
    return this.#count
  }

  remember(_key: string): number {
    return ++this.#count
  }

  hold(gate: ActorRef<Gate>): Promise<void> {
    return passGate(gate)
  }

  failIf(number: number): void {
    if (this.number() === number) throw new RangeError(`I am ${number}`)
  }
}

/** Routes as the host does. */
export class Spread extends Actor {
  static readonly module = import.meta.url
  readonly #path: string
  #router!: Router<Partition>

  constructor(path: string) {
    super()
    this.#path = path
  }

  override async onStart(): Promise<void> {
    this.#router = await this.context.router<Partition>(this.#path)
  }

  pathsOf(keys: readonly string[]): string[] {
    return keys.map((key) => this.#router.to(key).path)
  }

  /** Its event loop does not turn until the gate is open, so no news comes; then tells. Returns what it knew, and what was accepted. */
  countBlindly(gate: ActorRef<Gate>, times: number): [members: string, accepted: boolean[]] {
    gate.tell.arrive()
    while (!gate.askSync({ timeoutMs: Number.POSITIVE_INFINITY }).isOpen());
    const known = this.members()
    return [known, Array.from({ length: times }, () => this.#router.tell.count())]
  }

  /** The last letters of their paths. */
  members(): string {
    return this.#router.members.map(({ path }) => path.at(-1)).join('')
  }
}
