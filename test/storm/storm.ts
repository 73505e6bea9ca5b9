import { Cache, LeasePool, pipelineOf, RateLimiter, Semaphore, Sharded, shardsOf, Topic } from '@troupe/actors'
import { ActorSystem, share, type TreeNode } from '@troupe/runtime'
import { Customer, clearPlacesOf, Owner, type Services, SIZE, WORD, WORDS, type Words } from '../actors/storm-users.ts'

export interface StormReport {
  /** How often whom. */
  readonly kills: Readonly<Record<string, number>>
  /** What was done meanwhile. */
  readonly work: Readonly<Record<string, number>>
  /** What must not be: empty. */
  readonly faults: readonly string[]
}

const CUSTOMERS = 4
const RATE = { perSecond: 20_000, burst: 2_000 }
const PAUSE_MS = 25
/** Of the way back to peace. */
const PEACE_MS = 60_000

/** Kills one actor after another, chosen at random among all, while they are used; then looks whether anything was lost. */
export async function storm(kills: number): Promise<StormReport> {
  const system = await ActorSystem.start({ name: 'storm' })
  try {
    return await stormIn(system, kills)
  } finally {
    await system.stop({ deadlineMs: 5_000 })
  }
}

async function stormIn(system: ActorSystem, kills: number): Promise<StormReport> {
  const words = share(new Int32Array(new SharedArrayBuffer(WORDS * 4))) as Words
  const startedMs = performance.now()
  const services = await startServices(system, words)
  const customers = new Set<string>()
  const startCustomer = async (): Promise<void> => {
    const name = `customer-${customers.size + 1}`
    customers.add(name)
    await system.spawn(Customer, { name, restart: 'temporary', args: [services, words, customers.size] })
  }
  for (let i = 0; i < CUSTOMERS; i++) await startCustomer()
  const jobs = startJobs(system)
  const killed: Record<string, number> = {}
  for (let i = 0; i < kills; i++) {
    await sleep(PAUSE_MS)
    services.topic.tell.publish()
    await jobs.put(i)
    const path = await killOne(system, words)
    const kind = /\/(customer|pool|cache|limiter|sharded\/|sharded|topic|stage)/.exec(path)?.[1]?.replace('sharded/', 'shard') ?? 'other'
    killed[kind] = (killed[kind] ?? 0) + 1
    // Customers are not restarted, so that many different ones die with something of theirs.
    if (kind === 'customer') await startCustomer()
  }
  await jobs.end()
  for (const name of customers) await stop(system, `/user/${name}`)
  const seconds = (performance.now() - startedMs) / 1_000
  const faults = [...jobs.faults(kills), ...faultsIn(words, seconds), ...(await lostLeases(system, services))]
  return { kills: killed, work: workIn(words), faults }
}

/** They are children of supervisors that never give up: this is about what survives a kill, not about how often one may be. */
async function startServices(system: ActorSystem, words: Words): Promise<Services> {
  const often = { restart: 'permanent', backoff: { firstMs: 1, maxMs: 2, quietMs: 1 } } as const
  const [pool, cache, limiter, sharded, topic] = await Promise.all([
    system.spawn(LeasePool, { name: 'pool', ...often, args: [{ size: SIZE, recoverMs: 2_000 }] }),
    system.spawn(Cache, { name: 'cache', ...often, args: [{ ttlMs: 20, staleMs: 20 }] }),
    system.spawn(RateLimiter, { name: 'limiter', ...often, args: [RATE] }),
    system.spawn(Sharded, { name: 'sharded', ...often, args: [shardsOf(Owner, { idleMs: 2_000, args: [words] })] }),
    system.spawn(Topic, { name: 'topic', ...often }),
  ])
  return { pool, cache, limiter, sharded, topic }
}

interface Jobs {
  put(n: number): Promise<void>
  end(): Promise<void>
  faults(accepted: number): string[]
}

function startJobs(system: ActorSystem): Jobs {
  const ends = new Map<number, number>()
  const end = (n: number): void => void ends.set(n, (ends.get(n) ?? 0) + 1)
  const pipeline = pipelineOf((n: number) => n, { retries: 3 })
    .to(async (n) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return n
    })
    .start(system, { onResult: end, onDeadLetter: end })
  return {
    put: (n) => pipeline.put(n),
    end: () => pipeline.end(),
    faults: (accepted) =>
      Array.from({ length: accepted }, (_, n) => ends.get(n) ?? 0).flatMap((times, n) =>
        times === 1 ? [] : [`job ${n} ended ${times} times`],
      ),
  }
}

/** Never the same service so often that its supervisor gives up. */
const lately = new Map<string, number[]>()

async function killOne(system: ActorSystem, words: Words): Promise<string> {
  for (;;) {
    const actors = flat(await system.tree()).filter(({ kind, state }) => kind === 'actor' && state === 'running')
    const { path } = actors[Math.floor(Math.random() * actors.length)] ?? { path: '' }
    const times = (lately.get(path) ?? []).filter((ms) => performance.now() - ms < 6_000)
    const ref = times.length < 3 ? await system.lookup(path) : undefined
    if (ref === undefined) {
      await sleep(5)
      continue
    }
    lately.set(path, [...times, performance.now()])
    const customer = Number(/\/customer-(\d+)$/.exec(path)?.[1] ?? 0)
    if (customer > 0) Atomics.add(words, WORD.killing, 1)
    await system.kill(ref)
    if (customer > 0) {
      clearPlacesOf(words, customer)
      Atomics.add(words, WORD.killing, 1)
    }
    return path
  }
}

async function stop(system: ActorSystem, path: string): Promise<void> {
  const ref = await system.lookup(path)
  if (ref !== undefined) await system.stopActor(ref)
}

function flat(node: TreeNode): TreeNode[] {
  return [node, ...node.children.flatMap(flat)]
}

function workIn(words: Words): Record<string, number> {
  const count = (name: keyof typeof WORD): number => Atomics.load(words, WORD[name])
  return {
    borrowed: count('borrowed'),
    read: count('read'),
    allowed: count('allowed'),
    shardCalls: count('shardCalls'),
    heard: count('heard'),
  }
}

function faultsIn(words: Words, seconds: number): string[] {
  const count = (name: keyof typeof WORD): number => Atomics.load(words, WORD[name])
  const limit = RATE.burst + RATE.perSecond * seconds
  return [
    ...(count('twoOwners') > 0 ? [`a key had two owners ${count('twoOwners')} times`] : []),
    ...(count('tooManyHolders') > 0 ? [`more leases were held than there are ${count('tooManyHolders')} times`] : []),
    ...(count('wrongValues') > 0 ? [`a read gave a wrong value ${count('wrongValues')} times`] : []),
    ...(count('allowed') > limit ? [`${count('allowed')} were allowed, and the limit is ${limit}`] : []),
    ...Object.entries(workIn(words)).flatMap(([name, n]) => (n === 0 ? [`nothing was ${name}`] : [])),
  ]
}

/** All of them can be borrowed at a time, and not one more. */
async function lostLeases(system: ActorSystem, { pool }: Services): Promise<string[]> {
  const semaphore = new Semaphore(system, pool)
  try {
    const all = await Promise.all(Array.from({ length: SIZE }, () => semaphore.acquire({ timeoutMs: PEACE_MS })))
    const extra = await semaphore.acquire({ timeoutMs: 50 }).then(
      () => ['one lease too many'],
      () => [],
    )
    for (const lease of all) await lease.giveBack()
    return extra
  } catch (error) {
    return [`a lease was lost: ${String(error)}, ${JSON.stringify(await pool.ask.stats())}`]
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
