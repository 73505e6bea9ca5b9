import type { FoundFile, Skip, SkipReason } from './scan.ts'

/** Which shard a file belongs to: by its id, so that every incarnation of everybody comes to the same answer. */
export function shardOf(id: string, shards: number): number {
  return Number.parseInt(id.slice(0, 8), 16) % shards
}

export interface Progress {
  readonly state: 'walking' | 'indexing' | 'complete'
  readonly found: number
  readonly indexed: number
  readonly skipped: number
  readonly bytesFound: number
  readonly bytesIndexed: number
}

/** Where each shard stands. A file is in one set at a time. */
interface ShardAccount {
  /** The highest that was heard of. */
  incarnation: number
  /** Nobody knows whether the shard has these: it must be asked. */
  readonly unsure: Set<string>
  /** Acknowledged by this incarnation of the shard. */
  readonly held: Set<string>
}

/**
 * What the coordinator knows: which files there are, and what became of each. It trusts no clock. A file is in one of
 * four places:
 *
 *     unsure ──(its shard lacks it)──▶ toFeed ──(put)──▶ fed ──(acknowledged)──▶ held
 *
 * A new incarnation of a shard moves what it held to `toFeed`, one of the queue moves what was fed; a queue that has nothing
 * left moves what is still not acknowledged to `unsure`. So every loss ends in the file being fed again, and everything
 * ends in `held` or `skips`.
 */
export class Ledger {
  readonly #files = new Map<string, FoundFile>()
  readonly #shards: readonly ShardAccount[]
  readonly #toFeed = new Set<string>()
  readonly #fed = new Set<string>()
  readonly #skips = new Map<string, Skip>()
  #queueIncarnation = 0
  #bytesFound = 0
  #bytesIndexed = 0
  #walked = false
  #verified = false

  constructor(shards: number) {
    this.#shards = Array.from({ length: shards }, () => ({ incarnation: 0, unsure: new Set(), held: new Set() }))
  }

  /** A file of the walk. An earlier coordinator may have fed it, so its shard is asked first. */
  found(file: FoundFile): void {
    if (this.#files.has(file.id)) return
    this.#files.set(file.id, file)
    this.#bytesFound += file.bytes
    this.#account(file.id).unsure.add(file.id)
  }

  walked(): void {
    this.#walked = true
  }

  /** Not to be indexed. A file that a reader refuses was found before; what the walk refuses was not. */
  skipped(skip: Skip, id?: string): void {
    this.#skips.set(skip.path, skip)
    if (id === undefined || !this.#files.has(id)) return
    this.#remove(id)
    this.#bytesFound -= this.#files.get(id)?.bytes ?? 0
    this.#files.delete(id)
  }

  unsure(shard: number, max: number): string[] {
    return [...(this.#shards[shard]?.unsure ?? [])].slice(0, max)
  }

  /** A shard was asked for `asked` and lacks `missing`. */
  answered(shard: number, incarnation: number, asked: readonly string[], missing: readonly string[]): void {
    this.shardSeen(shard, incarnation)
    const lacks = new Set(missing)
    this.held(
      shard,
      incarnation,
      asked.filter((id) => !lacks.has(id)),
    )
    for (const id of missing) if (this.#shards[shard]?.unsure.delete(id)) this.#toFeed.add(id)
  }

  /** A shard acknowledged these. Word from an incarnation that is known to be dead is of no use. */
  held(shard: number, incarnation: number, ids: readonly string[]): void {
    this.shardSeen(shard, incarnation)
    const account = this.#shards[shard]
    if (account === undefined || incarnation < account.incarnation) return
    for (const id of ids) {
      if (!this.#files.has(id) || account.held.has(id)) continue
      this.#remove(id)
      account.held.add(id)
      this.#bytesIndexed += this.#files.get(id)?.bytes ?? 0
    }
  }

  /** Any word from a shard. A new incarnation is empty: what the one before had acknowledged is fed again. */
  shardSeen(shard: number, incarnation: number): void {
    const account = this.#shards[shard]
    if (account === undefined || incarnation <= account.incarnation) return
    account.incarnation = incarnation
    this.#verified = false
    for (const id of [...account.held]) {
      this.#remove(id)
      this.#toFeed.add(id)
    }
  }

  /** Any word from the queue. A new incarnation has forgotten what it was given. */
  queueSeen(incarnation: number): void {
    if (incarnation <= this.#queueIncarnation) return
    this.#queueIncarnation = incarnation
    for (const id of this.#fed) this.#toFeed.add(id)
    this.#fed.clear()
  }

  /** The queue has nothing left, waiting or leased. What was fed and not acknowledged was lost, or word of it was. */
  drained(): void {
    for (const id of this.#fed) this.#account(id).unsure.add(id)
    this.#fed.clear()
  }

  toFeed(max: number): FoundFile[] {
    const files: FoundFile[] = []
    for (const id of this.#toFeed) {
      const file = this.#files.get(id)
      if (files.length >= max) break
      if (file !== undefined) files.push(file)
    }
    return files
  }

  /** That incarnation of the queue accepted these. An acknowledgement may have been faster than the queue's answer. */
  fed(queueIncarnation: number, ids: readonly string[]): void {
    this.queueSeen(queueIncarnation)
    if (queueIncarnation < this.#queueIncarnation) return
    for (const id of ids) if (this.#toFeed.delete(id)) this.#fed.add(id)
  }

  /** All files are held, as far as the ledger knows. */
  get isSettled(): boolean {
    return this.#walked && this.#toFeed.size + this.#fed.size === 0 && this.#shards.every(({ unsure }) => unsure.size === 0)
  }

  /** A shard was asked how many documents it has. Fewer than it acknowledged must never be; then each one is asked for. */
  counted(shard: number, incarnation: number, documents: number): boolean {
    this.shardSeen(shard, incarnation)
    const account = this.#shards[shard]
    if (account === undefined || documents >= account.held.size) return true
    for (const id of [...account.held]) {
      this.#remove(id)
      account.unsure.add(id)
    }
    return false
  }

  /** The shards were counted after the ledger was settled, and it still is. */
  verified(): void {
    this.#verified = this.isSettled
  }

  /** Complete only after the shards were counted once more. */
  recheck(): void {
    this.#verified = false
  }

  get isComplete(): boolean {
    return this.#verified && this.isSettled
  }

  progress(): Progress {
    const indexed = this.#shards.reduce((sum, { held }) => sum + held.size, 0)
    const state = !this.#walked ? 'walking' : this.isComplete ? 'complete' : 'indexing'
    const { size: found } = this.#files
    return { state, found, indexed, skipped: this.#skips.size, bytesFound: this.#bytesFound, bytesIndexed: this.#bytesIndexed }
  }

  /** How many were skipped for each reason, and the first few of each by path. */
  skips(examplesMax: number): { why: SkipReason; count: number; examples: Skip[] }[] {
    const groups = new Map<SkipReason, Skip[]>()
    for (const skip of this.#skips.values()) groups.set(skip.why, [...(groups.get(skip.why) ?? []), skip])
    return [...groups].map(([why, all]) => ({ why, count: all.length, examples: all.sort(byPath).slice(0, examplesMax) }))
  }

  #account(id: string): ShardAccount {
    return this.#shards[shardOf(id, this.#shards.length)] as ShardAccount
  }

  /** From wherever it is. */
  #remove(id: string): void {
    const account = this.#account(id)
    this.#toFeed.delete(id)
    this.#fed.delete(id)
    account.unsure.delete(id)
    if (account.held.delete(id)) this.#bytesIndexed -= this.#files.get(id)?.bytes ?? 0
  }
}

function byPath(a: Skip, b: Skip): number {
  return a.path < b.path ? -1 : 1
}
