import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ledger, shardOf } from '../../packages/examples/flagship/ledger.ts'
import { type FoundFile, fileId } from '../../packages/examples/flagship/scan.ts'

const SHARDS = 3
const files: FoundFile[] = Array.from({ length: 40 }, (_, i) => ({ id: fileId(`f${i}`), path: `f${i}`, bytes: 10 + i }))
/** What no reader can read. */
const POISON = new Set(files.filter((_, i) => i % 13 === 5).map(({ id }) => id))

/**
 * The whole of it without isolates: shards, a queue and readers that do what the real ones do, one step at a time, and
 * lose what the real ones lose in a kill. The ledger learns of a loss by the next word only.
 */
class World {
  shards = Array.from({ length: SHARDS }, () => ({ incarnation: 1, held: new Set<string>() }))
  queue = { incarnation: 1, waiting: new Map<string, FoundFile>(), leased: new Map<string, FoundFile>() }
  ledger = new Ledger(SHARDS)
  /** What is on its way to the coordinator, in any order. */
  words: { say: () => void; mayGetLost: boolean }[] = []
  walkedTo = 0

  walk(): void {
    const file = files[this.walkedTo++]
    if (file !== undefined) this.ledger.found(file)
    else this.ledger.walked()
  }

  /** One round of the coordinator. A killed shard or queue answers as its successor. */
  reconcile(): void {
    for (const [i, { incarnation, held }] of this.shards.entries()) {
      const asked = this.ledger.unsure(i, 5)
      if (asked.length > 0)
        this.ledger.answered(
          i,
          incarnation,
          asked,
          asked.filter((id) => !held.has(id)),
        )
    }
    const { queue } = this
    this.ledger.queueSeen(queue.incarnation)
    if (queue.waiting.size + queue.leased.size === 0) this.ledger.drained()
    const toFeed = this.ledger.toFeed(6)
    for (const file of toFeed) if (!queue.leased.has(file.id)) queue.waiting.set(file.id, file)
    this.ledger.fed(
      queue.incarnation,
      toFeed.map(({ id }) => id),
    )
    if (!this.ledger.isSettled) return
    const agree = this.shards.map(({ incarnation, held }, i) => this.ledger.counted(i, incarnation, held.size))
    if (agree.every(Boolean)) this.ledger.verified()
  }

  take(): void {
    const [file] = this.queue.waiting.values()
    if (file === undefined) return
    this.queue.waiting.delete(file.id)
    this.queue.leased.set(file.id, file)
  }

  /** `lost`: the shard is killed in the middle, so the reader gives the file back. */
  finish(lost: boolean): void {
    const [file] = this.queue.leased.values()
    if (file === undefined) return
    this.queue.leased.delete(file.id)
    const { ledger } = this
    const number = shardOf(file.id, SHARDS)
    const shard = this.shards[number]!
    if (POISON.has(file.id)) {
      this.words.push({ say: () => ledger.skipped({ path: file.path, why: 'binary', detail: '' }, file.id), mayGetLost: true })
    } else if (lost) {
      this.killShard(number)
      this.queue.waiting.set(file.id, file)
    } else {
      shard.held.add(file.id)
      const { incarnation } = shard
      this.words.push({ say: () => ledger.held(number, incarnation, [file.id]), mayGetLost: true })
    }
  }

  hear(i: number): void {
    for (const word of this.words.splice(i % Math.max(1, this.words.length), 1)) word.say()
  }

  killShard(number: number): void {
    const incarnation = this.shards[number]!.incarnation + 1
    this.shards[number] = { incarnation, held: new Set() }
    const { ledger } = this
    this.words.push({ say: () => ledger.shardSeen(number, incarnation), mayGetLost: false })
  }

  killQueue(): void {
    this.queue = { incarnation: this.queue.incarnation + 1, waiting: new Map(), leased: new Map() }
  }

  /** Whatever it had was taken from the leases by the successor's first take. */
  killReader(): void {
    for (const [id, file] of this.queue.leased) this.queue.waiting.set(id, file)
    this.queue.leased.clear()
  }

  /** The coordinator's mailbox was full: a tell returned false. */
  loseWord(i: number): void {
    const word = this.words[i % Math.max(1, this.words.length)]
    if (word?.mayGetLost) this.words.splice(this.words.indexOf(word), 1)
  }

  /** Words to the dead one are heard by its successor; it starts the walk again. */
  killCoordinator(loseOne: boolean): void {
    if (loseOne) this.words.shift()
    const old = this.ledger
    this.ledger = new Ledger(SHARDS)
    this.walkedTo = 0
    this.words = this.words.map(({ say, mayGetLost }) => ({ say: () => this.#redirect(old, say), mayGetLost }))
  }

  #redirect(old: Ledger, say: () => void): void {
    for (const method of ['held', 'skipped', 'shardSeen'] as const) old[method] = this.ledger[method].bind(this.ledger) as never
    say()
  }

  finishAll(): void {
    for (let step = 0; step < 10_000 && !(this.ledger.isComplete && this.words.length === 0); step++) {
      this.walk()
      this.take()
      this.finish(false)
      this.hear(0)
      this.reconcile()
    }
  }
}

const act = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('walk', 'reconcile', 'take', 'finish', 'hear') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('killShard', 'killQueue', 'killReader', 'killCoordinator', 'killDuringAdd', 'killDuringWord', 'loseWord'),
  },
)

function perform(world: World, act: string, number: number): void {
  if (act === 'walk') world.walk()
  else if (act === 'reconcile') world.reconcile()
  else if (act === 'take') world.take()
  else if (act === 'finish') world.finish(false)
  else if (act === 'hear') world.hear(number)
  else if (act === 'killShard') world.killShard(number % SHARDS)
  else if (act === 'killQueue') world.killQueue()
  else if (act === 'killReader') world.killReader()
  else if (act === 'killCoordinator') world.killCoordinator(false)
  else if (act === 'killDuringAdd') world.finish(true)
  else if (act === 'loseWord') world.loseWord(number)
  else world.killCoordinator(true)
}

const readable = files.filter(({ id }) => !POISON.has(id))

test('flagship: whoever is killed whenever, in the end every shard holds its files and nothing is missing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(act, fc.nat(100)), { maxLength: 300, size: 'max' }), (acts) => {
      const world = new World()
      for (const [name, number] of acts) perform(world, name, number)
      world.finishAll()
      expect(world.ledger.progress()).toMatchObject({ state: 'complete', found: readable.length, indexed: readable.length })
      expect(world.shards.flatMap(({ held }) => [...held]).sort()).toEqual(readable.map(({ id }) => id).sort())
    }),
    { numRuns: 150 },
  )
})

test('flagship: a complete index is complete no more when a shard was restarted, and then it is again', () => {
  const world = new World()
  world.finishAll()
  expect(world.ledger.isComplete).toBe(true)
  world.killShard(1)
  world.hear(0)
  expect(world.ledger.progress().state).toBe('indexing')
  world.finishAll()
  expect(world.ledger.isComplete).toBe(true)
})

test('flagship: a recheck notices a shard that died without a word', () => {
  const world = new World()
  world.finishAll()
  world.killShard(1)
  world.words = []
  expect(world.ledger.isComplete).toBe(true)
  world.ledger.recheck()
  world.finishAll()
  expect(world.shards[1]?.held.size).toBeGreaterThan(0)
  expect(world.ledger.progress().indexed).toBe(readable.length)
})

test('flagship: word of a dead incarnation changes nothing', () => {
  const ledger = new Ledger(1)
  const [file] = files as [FoundFile]
  ledger.found(file)
  ledger.answered(0, 2, [file.id], [file.id])
  ledger.held(0, 1, [file.id])
  expect(ledger.progress().indexed).toBe(0)
  ledger.held(0, 2, [file.id])
  ledger.held(0, 2, [file.id])
  expect(ledger.progress()).toMatchObject({ indexed: 1, bytesIndexed: file.bytes })
})

test('flagship: complete is said only after the shards were counted', () => {
  const ledger = new Ledger(1)
  const [file] = files as [FoundFile]
  ledger.found(file)
  ledger.walked()
  ledger.held(0, 1, [file.id])
  expect([ledger.isSettled, ledger.isComplete]).toEqual([true, false])
  ledger.verified()
  expect(ledger.isComplete).toBe(true)
  ledger.shardSeen(0, 2)
  ledger.held(0, 2, [file.id])
  expect([ledger.isSettled, ledger.isComplete]).toEqual([true, false])
})

test('flagship: a shard that has fewer documents than it acknowledged is asked for each', () => {
  const ledger = new Ledger(1)
  const ids = files.map(({ id }) => id)
  for (const file of files) ledger.found(file)
  ledger.held(0, 1, ids)
  expect(ledger.counted(0, 1, files.length)).toBe(true)
  expect(ledger.counted(0, 1, files.length - 1)).toBe(false)
  expect(ledger.unsure(0, 1_000).sort()).toEqual(ids.sort())
  expect(ledger.progress()).toMatchObject({ indexed: 0, bytesIndexed: 0 })
})

test('flagship: an empty folder is complete', () => {
  const ledger = new Ledger(2)
  expect(ledger.isSettled).toBe(false)
  ledger.walked()
  ledger.verified()
  expect(ledger.progress()).toEqual({ state: 'complete', found: 0, indexed: 0, skipped: 0, bytesFound: 0, bytesIndexed: 0 })
})

test('flagship: skips are grouped by reason, with the first few by path', () => {
  const ledger = new Ledger(1)
  for (const path of ['c', 'a', 'b']) ledger.skipped({ path, why: 'binary', detail: 'x' })
  ledger.skipped({ path: 'a', why: 'binary', detail: 'x' })
  expect(ledger.skips(2)).toEqual([
    {
      why: 'binary',
      count: 3,
      examples: [
        { path: 'a', why: 'binary', detail: 'x' },
        { path: 'b', why: 'binary', detail: 'x' },
      ],
    },
  ])
})
