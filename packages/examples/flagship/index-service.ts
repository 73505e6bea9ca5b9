import { setTimeout as sleep } from 'node:timers/promises'
import type { Gathered, Missing } from '@troupe/actors'
import { ActorDownError, type ActorRef, ActorSystem, type AnyRef, type TreeNode } from '@troupe/runtime'
import { addChecksums } from './checksum.ts'
import type { Excerpt } from './excerpt.ts'
import { CHAOS_INTENSITY, type IndexTree, indexTree } from './index-tree.ts'
import { type Progress, shardOf } from './ledger.ts'
import { openFolder, type Skip, type SkipReason } from './scan.ts'
import type { Shard, ShardSummary } from './shard.ts'
import { bestHits, type Hit } from './shard-index.ts'
import { queryTerms } from './tokenize.ts'

export interface SearchHit extends Hit {
  /** Missing when the shard did not answer in time, or the file has changed since. */
  readonly excerpt: Excerpt | undefined
}

export interface SearchResult {
  readonly query: string
  readonly terms: readonly string[]
  readonly hits: readonly SearchHit[]
  /** Shards that gave no answer in time: the hits are those of the others. */
  readonly missing: readonly Missing[]
  readonly tookMs: number
}

export interface IndexSummary {
  readonly documents: number
  readonly bytes: number
  readonly postings: number
  /** 16 hexadecimal digits: equal for equal folders, in whatever order and by whatever detours they were indexed. */
  readonly checksum: string
}

export interface SkipGroup {
  readonly why: SkipReason
  readonly count: number
  readonly examples: readonly Skip[]
}

const POLL_MS = 100
/** Of so many polls one is made while the index is complete. */
const IDLE_POLLS = 10
const HITS = 10
const SHARD_TIMEOUT_MS = 500
const STOP_DEADLINE_MS = 5_000
const NOTHING: Progress = { state: 'walking', found: 0, indexed: 0, skipped: 0, bytesFound: 0, bytesIndexed: 0 }

export interface IndexOptions {
  readonly folder: string
  /** Lets the supervisor restart as often as `--chaos` needs. */
  readonly chaos?: boolean
}

/** A folder that is searchable while it is being indexed. The host holds no part of the index: only refs, and the last progress. */
export class IndexService {
  readonly system: ActorSystem
  readonly root: string
  readonly #tree: IndexTree
  readonly #shards: readonly ActorRef<Shard>[]
  readonly #poll: NodeJS.Timeout
  readonly #startedMs = performance.now()
  #completeMs: number | undefined
  #progress = NOTHING
  #polls = 0
  #restarts = 0
  #deadLetters = 0
  #failure: unknown

  /** Resolves when the actors run; indexing goes on behind. Throws FolderError for a folder that cannot be listed. */
  static async start({ folder, chaos = false }: IndexOptions): Promise<IndexService> {
    const root = await openFolder(folder)
    const tree = chaos ? indexTree(root, CHAOS_INTENSITY) : indexTree(root)
    const system = await ActorSystem.start({ name: 'flagship', children: [tree.supervisor] })
    return new IndexService(system, root, tree)
  }

  private constructor(system: ActorSystem, root: string, tree: IndexTree) {
    this.system = system
    this.root = root
    this.#tree = tree
    this.#shards = tree.shards.map((spec) => system.ref(spec))
    system.events.on('exited', ({ willRestart }) => {
      if (willRestart) this.#restarts++
    })
    system.events.on('deadLetter', () => this.#deadLetters++)
    // A supervisor that gives up ends the system. Who waits for the index must not wait for ever.
    system.closed.catch((error: unknown) => {
      this.#failure = error
    })
    this.#poll = setInterval(() => void this.#pollProgress(), POLL_MS)
  }

  /** As of at most a moment ago: reading it asks nobody, so it is there while every actor is busy or dead. */
  get progress(): Progress {
    return this.#progress
  }

  get isComplete(): boolean {
    return this.#progress.state === 'complete'
  }

  /** Waits until every file is in the index, or until the signal; false for the signal. Rejects when the system has failed. */
  async untilComplete(signal: AbortSignal): Promise<boolean> {
    await this.#recheck()
    while (!this.isComplete && !signal.aborted) {
      if (this.#failure !== undefined) throw this.#failure
      await sleep(POLL_MS / 2)
    }
    return !signal.aborted
  }

  /** From the start until the index was last complete, or until now. */
  get seconds(): number {
    return ((this.#completeMs ?? performance.now()) - this.#startedMs) / 1_000
  }

  get restarts(): number {
    return this.#restarts
  }

  get deadLetters(): number {
    return this.#deadLetters
  }

  /** Every actor by what it does, for who wants to kill some. */
  get actors(): readonly { readonly kind: string; readonly ref: AnyRef }[] {
    const { scatter, queue, shards, readers, coordinator } = this.#tree
    const kinds = { scatter: [scatter], queue: [queue], shard: shards, reader: readers, coordinator: [coordinator] }
    return Object.entries(kinds).flatMap(([kind, specs]) => specs.map((spec) => ({ kind, ref: this.system.ref<unknown>(spec) })))
  }

  async search(query: string): Promise<SearchResult> {
    const startedMs = performance.now()
    const terms = queryTerms(query)
    const { results, missing } = await this.#gather<Hit[]>('search', [terms, HITS])
    const hits = bestHits(
      results.map(({ value }) => value),
      HITS,
    )
    const excerpts = await this.#excerpts(hits, terms)
    const found = hits.map((hit) => ({ ...hit, excerpt: excerpts.get(hit.id) }))
    return { query, terms, hits: found, missing, tookMs: Math.round(performance.now() - startedMs) }
  }

  async summary(): Promise<IndexSummary> {
    const summaries = await Promise.all(this.#shards.map((shard) => shard.ask.summary()))
    const checksums = await Promise.all(this.#shards.map((shard) => shard.ask({ timeoutMs: 60_000 }).checksum()))
    const total = (key: 'documents' | 'bytes' | 'postings') => summaries.reduce((sum, one: ShardSummary) => sum + one[key], 0)
    return { documents: total('documents'), bytes: total('bytes'), postings: total('postings'), checksum: addChecksums(checksums) }
  }

  async skips(): Promise<readonly SkipGroup[]> {
    return await this.system.ref(this.#tree.coordinator).ask.skips()
  }

  async tree(): Promise<TreeNode> {
    return await this.system.tree()
  }

  /** In order: the coordinator first, so that no new work is made, then readers, then shards; what is queued is finished. */
  async stop(): Promise<void> {
    clearInterval(this.#poll)
    await this.system.stop({ drain: true, deadlineMs: STOP_DEADLINE_MS })
  }

  /** A search changes nothing, so it may be repeated when the scatter itself was killed during it. */
  async #gather<R>(method: keyof Shard & string, args: readonly unknown[]): Promise<Gathered<R>> {
    const scatter = this.system.ref(this.#tree.scatter).ask({ timeoutMs: 4 * SHARD_TIMEOUT_MS })
    const gather = async (): Promise<Gathered<R>> => await scatter.gather<R>(this.#shards, method, args, { timeoutMs: SHARD_TIMEOUT_MS })
    return await gather().catch((error: unknown) => {
      if (error instanceof ActorDownError) return gather()
      throw error
    })
  }

  /** The shards that have the hits look into the files again. Who is late leaves its hits without an excerpt. */
  async #excerpts(hits: readonly Hit[], terms: readonly string[]): Promise<Map<string, Excerpt>> {
    const asks = this.#shards.map(async (shard, i) => {
      const ids = hits.map(({ id }) => id).filter((id) => shardOf(id, this.#shards.length) === i)
      return ids.length === 0 ? {} : await shard.ask({ timeoutMs: SHARD_TIMEOUT_MS }).excerpts(ids, terms)
    })
    const settled = await Promise.allSettled(asks)
    return new Map(settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? Object.entries(outcome.value) : [])))
  }

  /** The progress at hand may be older than the last kill. */
  async #recheck(): Promise<void> {
    this.#progress = { ...this.#progress, state: 'indexing' }
    await this.system
      .ref(this.#tree.coordinator)
      .ask.recheck()
      .catch((error: unknown) => {
        // Its successor knows nothing, so it checks everything.
        if (!(error instanceof ActorDownError)) throw error
      })
    await this.#updateProgress()
  }

  /** A complete index changes only when somebody dies: then a look now and then is enough, and the coordinator may sleep. */
  async #pollProgress(): Promise<void> {
    if (!this.isComplete || ++this.#polls % IDLE_POLLS === 0) await this.#updateProgress()
  }

  async #updateProgress(): Promise<void> {
    try {
      this.#progress = await this.system.ref(this.#tree.coordinator).ask({ timeoutMs: 1_000 }).progress()
      this.#completeMs = this.isComplete ? (this.#completeMs ?? performance.now()) : undefined
    } catch {
      // The coordinator was killed while it answered, or is being restarted. What was known last stays.
    }
  }
}
