import { Actor, type ActorRef } from '@troupe/runtime'
import type { Coordinator } from './coordinator.ts'
import { type Excerpt, excerptOf } from './excerpt.ts'
import { readText } from './read-text.ts'
import { type Document, type Hit, ShardIndex, type ShardStats } from './shard-index.ts'

export interface ShardOptions {
  readonly number: number
  readonly root: string
  /** The path of who feeds this shard. */
  readonly coordinator: string
}

export interface ShardSummary extends ShardStats {
  readonly number: number
  readonly incarnation: number
}

/** A part of the index, in an isolate of its own. Its state dies with it; its mailbox does not. */
export class Shard extends Actor {
  static readonly module = import.meta.url
  readonly #options: ShardOptions
  readonly #index = new ShardIndex()

  constructor(options: ShardOptions) {
    super()
    this.#options = options
  }

  /**
   * A restarted shard is empty, and says so to who feeds it. At the first start there is no coordinator yet, and one that
   * is itself restarted asks all shards what they have: in both cases it does not matter that nobody hears.
   */
  override async onStart(): Promise<void> {
    const coordinator = await this.context.lookup<Coordinator>(this.#options.coordinator)
    await coordinator?.tell({ whenFull: 'wait' }).shardStarted(this.#options.number, this.context.incarnation)
  }

  /** Who asked knows from the reply that the documents are in; the coordinator is told directly, not through the reader. */
  add(documents: readonly Document[], coordinator: ActorRef<Coordinator>): void {
    for (const document of documents) this.#index.add(document)
    const ids = documents.map(({ id }) => id)
    coordinator.tell.held(this.#options.number, this.context.incarnation, ids)
  }

  /** Which of these are not here. */
  missing(ids: readonly string[]): { readonly incarnation: number; readonly missing: string[] } {
    return { incarnation: this.context.incarnation, missing: ids.filter((id) => !this.#index.has(id)) }
  }

  search(terms: readonly string[], limit: number): Hit[] {
    return this.#index.search(terms, limit)
  }

  /** The best line of each file, read again: an index that kept every text would be as large as the folder. */
  async excerpts(ids: readonly string[], terms: readonly string[]): Promise<Record<string, Excerpt>> {
    const found: Record<string, Excerpt> = {}
    for (const id of ids) {
      const path = this.#index.pathOf(id)
      if (path === undefined) continue
      const read = await readText(this.#options.root, { id, path, bytes: 0 })
      const excerpt = 'text' in read ? excerptOf(read.text, terms) : undefined
      if (excerpt !== undefined) found[id] = excerpt
    }
    return found
  }

  summary(): ShardSummary {
    return { number: this.#options.number, incarnation: this.context.incarnation, ...this.#index.stats() }
  }

  checksum(): string {
    return this.#index.checksum()
  }
}
