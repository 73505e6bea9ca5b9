import { Actor, type Group, type Signal } from '@troupe/runtime'

/** Joins a group when it starts, if it is told one, and keeps what it has heard there. */
export class Singer extends Actor {
  static readonly module = import.meta.url
  readonly #heard: unknown[] = []
  readonly #group: string | undefined
  #members: number | undefined

  constructor(group?: string) {
    super()
    this.#group = group
  }

  override async onStart(): Promise<void> {
    if (this.#group !== undefined) await (await this.#of(this.#group)).join(this.context.selfAs<Singer>())
  }

  async join(group: string): Promise<void> {
    await (await this.#of(group)).join(this.context.selfAs<Singer>())
  }

  async leave(group: string): Promise<void> {
    await (await this.#of(group)).leave(this.context.selfAs<Singer>())
  }

  /** Tells all of the group; resolves with how many have accepted. */
  async sing(group: string, what: string): Promise<number> {
    return (await this.#of(group)).broadcast.tell.hear(what).filter((accepted) => accepted).length
  }

  async members(group: string): Promise<readonly string[]> {
    return (await this.#of(group)).members.map(({ path }) => path)
  }

  hear(what: unknown): void {
    this.#heard.push(what)
  }

  heard(): unknown[] {
    return this.#heard
  }

  incarnation(): number {
    return this.context.incarnation
  }

  /** Counts the members at the moment when it hears that one has ended. */
  async watchMembers(group: string): Promise<void> {
    const known = await this.#of(group)
    for (const ref of known.members) if (ref !== this.context.self) this.context.watch(ref)
    this.#count = () => (this.#members = known.members.length)
  }

  counted(): number | undefined {
    return this.#members
  }

  #count = (): unknown => undefined

  override onSignal(_: Signal): void {
    this.#count()
  }

  #of(group: string): Promise<Group<Singer>> {
    return this.context.group<Singer>(group)
  }
}
