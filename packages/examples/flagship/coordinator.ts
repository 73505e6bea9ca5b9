import type { WorkQueue } from '@troupe/actors'
import { Actor, type ActorRef, TroupeError } from '@troupe/runtime'
import { Ledger, type Progress } from './ledger.ts'
import type { Job, Reader } from './reader.ts'
import { type FoundFile, type Skip, type SkipReason, walk } from './scan.ts'
import type { Shard } from './shard.ts'

export interface CoordinatorOptions {
  /** The real path of the folder. */
  readonly root: string
  /** Paths in the tree of actors. */
  readonly queue: string
  readonly shards: readonly string[]
  readonly readers: readonly string[]
}

/** How often the ledger is compared with the queue and the shards until it is complete; afterwards only when told of a restart. */
const RECONCILE_MS = 50
/** Ids of one question to a shard. */
const ASKED_MAX = 2_000
const ASK_TIMEOUT_MS = 10_000
const SKIP_EXAMPLES = 5

/**
 * Knows which files there are, and has them fed to the shards until each is held by one. It notices every loss by
 * comparing, never by a time-out: a restarted shard or queue has a higher
 * incarnation, and a restarted coordinator asks.
 */
export class Coordinator extends Actor {
  static readonly module = import.meta.url
  readonly #options: CoordinatorOptions
  readonly #ledger: Ledger
  #job: Job | undefined
  #readers: readonly ActorRef<Reader>[] = []
  #timer: NodeJS.Timeout | undefined
  #isReconciling = false
  #isStopping = false

  constructor(options: CoordinatorOptions) {
    super()
    this.#options = options
    this.#ledger = new Ledger(options.shards.length)
  }

  override async onStart(): Promise<void> {
    const { root, queue, shards, readers } = this.#options
    this.#job = {
      root,
      queue: await this.#find<WorkQueue<FoundFile>>(queue),
      shards: await Promise.all(shards.map((path) => this.#find<Shard>(path))),
      coordinator: this.context.selfAs<Coordinator>(),
    }
    this.#readers = await Promise.all(readers.map((path) => this.#find<Reader>(path)))
    // Not awaited: the walk takes long, and questions must be answered meanwhile. If it throws, that is a crash.
    void this.#walk(root)
    this.#reconcileSoon()
  }

  override onStop(): void {
    this.#isStopping = true
    clearTimeout(this.#timer)
  }

  // ---- messages ----------------------------------------------------------------------------------------------------

  /** From a shard: these are in. */
  held(shard: number, incarnation: number, ids: readonly string[]): void {
    this.#ledger.held(shard, incarnation, ids)
  }

  /** From a shard that has just started, and is empty. */
  shardStarted(shard: number, incarnation: number): void {
    this.#ledger.shardSeen(shard, incarnation)
    this.#reconcileSoon()
  }

  /** From a reader: this file cannot be indexed. */
  skipped(skip: Skip, id: string): void {
    this.#ledger.skipped(skip, id)
  }

  /** Look again before saying "complete": between the death of a shard and its successor's first word nobody else knows. */
  recheck(): void {
    this.#ledger.recheck()
    this.#reconcileSoon()
  }

  progress(): Progress {
    return this.#ledger.progress()
  }

  skips(): { why: SkipReason; count: number; examples: Skip[] }[] {
    return this.#ledger.skips(SKIP_EXAMPLES)
  }

  // ---- work --------------------------------------------------------------------------------------------------------

  async #find<A>(path: string): Promise<ActorRef<A>> {
    const ref = await this.context.lookup<A>(path)
    if (ref === undefined) throw new Error(`${path} is not there: the coordinator must be the last child of its supervisor`)
    return ref
  }

  async #walk(root: string): Promise<void> {
    for await (const sighting of walk(root)) {
      if (this.#isStopping) return
      if ('file' in sighting) this.#ledger.found(sighting.file)
      else this.#ledger.skipped(sighting.skip)
    }
    this.#ledger.walked()
  }

  #reconcileSoon(): void {
    if (this.#timer !== undefined || this.#isStopping) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#reconcileOnce()
    }, RECONCILE_MS)
  }

  async #reconcileOnce(): Promise<void> {
    const job = this.#job
    if (job === undefined || this.#isReconciling) return
    this.#isReconciling = true
    try {
      await this.#reconcile(job)
    } catch (error) {
      // Somebody was killed while it answered. Nothing was concluded from that: the next comparison begins anew.
      if (!(error instanceof TroupeError)) throw error
    } finally {
      this.#isReconciling = false
    }
    if (!this.#ledger.isComplete) this.#reconcileSoon()
  }

  async #reconcile(job: Job): Promise<void> {
    await Promise.all(job.shards.map((shard, i) => this.#askWhatIsMissing(shard, i)))
    await this.#feed(job)
    if (this.#ledger.isSettled) await this.#verify(job)
  }

  async #askWhatIsMissing(shard: ActorRef<Shard>, number: number): Promise<void> {
    const ids = this.#ledger.unsure(number, ASKED_MAX)
    if (ids.length === 0) return
    const { incarnation, missing } = await shard.ask({ timeoutMs: ASK_TIMEOUT_MS }).missing(ids)
    this.#ledger.answered(number, incarnation, ids, missing)
  }

  async #feed({ queue, ...job }: Job): Promise<void> {
    const { waiting, leased, capacity, incarnation } = await queue.ask({ timeoutMs: ASK_TIMEOUT_MS }).stats()
    this.#ledger.queueSeen(incarnation)
    if (waiting + leased === 0) this.#ledger.drained()
    const files = this.#ledger.toFeed(capacity - waiting)
    if (files.length > 0) {
      const put = await queue.ask({ timeoutMs: ASK_TIMEOUT_MS }).put(files.map((value) => ({ id: value.id, value })))
      this.#ledger.fed(
        put.incarnation,
        files.slice(0, put.accepted).map(({ id }) => id),
      )
    }
    if (waiting + leased + files.length > 0) for (const reader of this.#readers) reader.tell.work({ queue, ...job })
  }

  /** The last look before "complete": a shard may have been killed since its last word. */
  async #verify(job: Job): Promise<void> {
    const counts = await Promise.all(job.shards.map((shard) => shard.ask({ timeoutMs: ASK_TIMEOUT_MS }).summary()))
    const agree = counts.map(({ incarnation, documents }, i) => this.#ledger.counted(i, incarnation, documents))
    if (agree.every(Boolean)) this.#ledger.verified()
  }
}
