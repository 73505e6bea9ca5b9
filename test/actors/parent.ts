import { Actor, type ActorRef } from '@troupe/runtime'
import type { Gate } from './gate.ts'
import { StartsSlowly, ThrowsInConstructor } from './starters.ts'
import { Victim } from './victim.ts'

/** Has children. */
export class Parent extends Actor {
  static readonly module = import.meta.url
  readonly #firstChild: string | undefined

  /** `firstChild`: the name of one that it spawns in onStart. */
  constructor(firstChild?: string) {
    super()
    this.#firstChild = firstChild
  }

  incarnation(): number {
    return this.context.incarnation
  }

  async spawnVictim(name: string): Promise<ActorRef<Victim>> {
    return this.context.spawn(Victim, { name })
  }

  async spawnFailing(name: string): Promise<void> {
    await this.context.spawn(ThrowsInConstructor, { name })
  }

  async spawnSlowly(name: string, gate: ActorRef<Gate>): Promise<void> {
    await this.context.spawn(StartsSlowly, { name, args: [gate] })
  }

  async spawnMany(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.context.spawn(Victim)))
    await new Promise(() => undefined)
  }

  override async onStart(): Promise<void> {
    if (this.#firstChild !== undefined) await this.spawnVictim(this.#firstChild)
  }
}
