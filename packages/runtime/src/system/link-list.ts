import { keyOfIncarnation, type Watcher } from './watch-list.ts'

/** Who is linked to whom. A link joins two incarnations, has no direction, and is there once, however often it is made. */
export class LinkList {
  readonly #links = new Map<string, Map<string, Watcher>>()

  add(one: Watcher, other: Watcher): void {
    this.#of(one).set(keyOfIncarnation(other), other)
    this.#of(other).set(keyOfIncarnation(one), one)
  }

  /** False: there was none. */
  remove(one: Watcher, other: Watcher): boolean {
    this.#cut(other, one)
    return this.#cut(one, other)
  }

  move(from: Watcher, to: Watcher): void {
    for (const partner of this.partnersOf(from)) {
      this.remove(from, partner)
      this.add(to, partner)
    }
  }

  partnersOf(one: Watcher): Watcher[] {
    return [...(this.#links.get(keyOfIncarnation(one))?.values() ?? [])]
  }

  #of(one: Watcher): Map<string, Watcher> {
    const key = keyOfIncarnation(one)
    let partners = this.#links.get(key)
    if (partners === undefined) this.#links.set(key, (partners = new Map()))
    return partners
  }

  #cut(one: Watcher, other: Watcher): boolean {
    const key = keyOfIncarnation(one)
    const partners = this.#links.get(key)
    const wasThere = partners?.delete(keyOfIncarnation(other)) ?? false
    if (partners?.size === 0) this.#links.delete(key)
    return wasThere
  }
}
