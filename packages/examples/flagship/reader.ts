import type { LeasedItem, WorkQueue } from '@troupe/actors'
import { Actor, type ActorRef, TroupeError } from '@troupe/runtime'
import type { Coordinator } from './coordinator.ts'
import { shardOf } from './ledger.ts'
import { readText } from './read-text.ts'
import type { FoundFile, Skip } from './scan.ts'
import type { Shard } from './shard.ts'
import type { Document } from './shard-index.ts'
import { tokenize } from './tokenize.ts'

/** Everything a reader needs, refs included: it looks nothing up, and the host is not on the way. */
export interface Job {
  readonly root: string
  readonly queue: ActorRef<WorkQueue<FoundFile>>
  readonly shards: readonly ActorRef<Shard>[]
  readonly coordinator: ActorRef<Coordinator>
}

const BATCH_FILES = 8
/** Only the last net: what a dead reader held comes back with the first take of its successor. */
const LEASE_MS = 60_000
const ADD_TIMEOUT_MS = 20_000
/** Many kills can hit the reader, or the shard, while it works on one file; a file that itself kills readers does it every time. */
const ATTEMPTS_MAX = 20

/** Reads files and cuts them into terms: the CPU work of the service. It keeps nothing that a restart could lose. */
export class Reader extends Actor {
  static readonly module = import.meta.url
  #job: Job | undefined
  #goesOn = false

  /** There is work in the queue. Told again while there is any, since a restarted reader knows nothing. */
  work(job: Job): void {
    this.#job = job
    // At most one readBatch is under way: each call would otherwise start a chain of its own.
    if (!this.#goesOn) this.#goOn()
  }

  /** One batch per message, so that a stop waits for one batch only. */
  async readBatch(): Promise<void> {
    this.#goesOn = false
    const job = this.#job
    if (job === undefined) return
    const batch = await this.#take(job)
    if (batch.length === 0) return
    await this.#index(job, batch)
    this.#goOn()
  }

  #goOn(): void {
    this.#goesOn = this.context.selfAs<Reader>().tell.readBatch()
  }

  async #take(job: Job): Promise<LeasedItem<FoundFile>[]> {
    try {
      return await job.queue.ask.take(this.context.self, { max: BATCH_FILES, leaseMs: LEASE_MS, incarnation: this.context.incarnation })
    } catch (error) {
      // The queue was killed, or is slow: the coordinator tells when there is work again.
      if (error instanceof TroupeError) return []
      throw error
    }
  }

  async #index(job: Job, batch: readonly LeasedItem<FoundFile>[]): Promise<void> {
    const documents: Document[][] = job.shards.map(() => [])
    const done: string[] = []
    for (const item of batch) {
      const read = await this.#read(job.root, item)
      if ('id' in read) documents[shardOf(read.id, job.shards.length)]?.push(read)
      else if (job.coordinator.tell.skipped(read, item.id)) done.push(item.id)
    }
    await Promise.all(job.shards.map((shard, i) => this.#add(job, shard, documents[i] ?? [], done)))
    job.queue.tell.done(done)
  }

  async #read(root: string, { value: file, attempt }: LeasedItem<FoundFile>): Promise<Document | Skip> {
    if (attempt > ATTEMPTS_MAX) return { path: file.path, why: 'poison', detail: `${attempt - 1} attempts to index it failed` }
    const read = await readText(root, file)
    return 'skip' in read ? read.skip : { ...file, ...tokenize(file.path, read.text) }
  }

  async #add(job: Job, shard: ActorRef<Shard>, documents: readonly Document[], done: string[]): Promise<void> {
    if (documents.length === 0) return
    const ids = documents.map(({ id }) => id)
    try {
      await shard.ask({ timeoutMs: ADD_TIMEOUT_MS, whenFull: 'wait' }).add(documents, job.coordinator)
      done.push(...ids)
    } catch (error) {
      if (!(error instanceof TroupeError)) throw error
      // The shard died of, or during, this call. Whether it took effect does not matter: adding twice is harmless.
      job.queue.tell.giveBack(this.context.self, ids)
    }
  }
}
