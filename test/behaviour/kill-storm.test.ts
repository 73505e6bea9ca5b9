import { setTimeout as delay } from 'node:timers/promises'
import { ActorDownError, type ActorRef, type ActorSystem, child } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Relay } from '../actors/relay.ts'
import { begunIn, Scribe } from '../actors/scribe.ts'
import { collect, next, range, startSystem, temporaryFile } from './scene.ts'

// Must show 4. `system.kill` is `worker.terminate()` after a word in the actor's seat (D3). The receiver writes each number
// into a file as the first act of its handler (scribe.ts says why that is exact). Rounds go on with the same address, so
// that its lanes grow old: the numbers of round r begin at r * MESSAGES.

const ROUNDS = Number(process.env['STORM_ROUNDS'] ?? 20)
const MESSAGES = 100_000
const ASKS = 10_000
const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }
const ENDLESS = { restarts: 1_000_000, withinMs: 1_000_000 }
const ROOM = { laneMessagesMax: 2 * MESSAGES, laneBytesMax: 64 * 1024 * 1024 }

interface Killing {
  /** Random moments of a life: from its start to this. */
  readonly upToMs: number
  readonly killsMax: number
}

/** Kills at random moments until told that it is over; resolves then with the number of incarnations that have ended. */
function killAtRandom(system: ActorSystem, ref: ActorRef<unknown>, { upToMs, killsMax }: Killing): () => Promise<number> {
  const exits = collect(system, 'exited')
  let isOver = false
  const killing = (async () => {
    for (let kills = 0; kills < killsMax && !isOver; kills++) {
      const started = next(system, 'started', ref.path)
      await delay(Math.random() * upToMs)
      if (isOver) return
      await system.kill(ref)
      await started
    }
  })()
  return async () => {
    isOver = true
    await killing
    return exits.filter(({ path }) => path === ref.path).length
  }
}

async function scene() {
  const path = temporaryFile('begun')
  const spec = child(Scribe, { name: 'scribe', args: [path] })
  const system = await startSystem({ children: [spec], intensity: ENDLESS, limits: ROOM })
  return { system, path, ref: system.ref(spec), letters: collect(system, 'deadLetter') }
}

/** Resolves when everything that was told before is begun; a kill may hit this very ask. */
async function allBegun(ref: ActorRef<Scribe>): Promise<void> {
  for (;;) {
    const outcome = await ref
      .ask(FOREVER)
      .echo('begun')
      .catch((error: unknown) => error)
    if (outcome === 'begun') return
    if (!(outcome instanceof ActorDownError)) throw outcome
  }
}

/** Gives way between, so that sending, killing and handling overlap. */
async function tellAll(numbers: readonly number[], tell: (n: number) => boolean): Promise<void> {
  for (const [i, n] of numbers.entries()) {
    if (!tell(n)) throw new Error(`${n} was refused`)
    if (i % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve))
  }
}

test('G3, G5, G6: a receiver killed at random under 100,000 tells begins them in order, none twice, and each that is missing is one DeadLetter', async () => {
  const { system, path, ref, letters } = await scene()
  const relay = await system.spawn(Relay)
  const totals = { kills: 0, letters: 0 }
  let before = 0
  for (const round of range(ROUNDS)) {
    const numbers = range(MESSAGES).map((i) => round * MESSAGES + i)
    letters.length = 0
    const over = killAtRandom(system, ref, { upToMs: 100, killsMax: 5 })
    // In every other round an actor sends.
    if (round % 2 === 0) await tellAll(numbers, (n) => ref.tell.take(n))
    else for (let i = 0; i < MESSAGES; i += 1_000) expect(await relay.ask(FOREVER).number(ref, numbers[i]!, 1_000)).toBe(1_000)
    await (round % 2 === 0 ? allBegun(ref) : relay.ask(FOREVER).allBegun(ref))
    const kills = await over()
    // Dead letters come from the control side, in front of its answer.
    await system.tree()

    const begun = begunIn(path, before)
    before += begun.length
    const dead = letters.filter(({ method }) => method === 'take')
    const deadNumbers = dead.map(({ args }) => args![0] as number)
    expect(firstFault(begun), `round ${round}: in order, none twice`).toBe(undefined)
    expect(new Set(deadNumbers).size, `round ${round}: no DeadLetter twice`).toBe(deadNumbers.length)
    const seen = new Set([...begun, ...deadNumbers])
    expect(
      numbers.filter((n) => !seen.has(n)),
      `round ${round}: each is begun or a DeadLetter`,
    ).toEqual([])
    expect(seen.size, `round ${round}: and nothing else is`).toBe(MESSAGES)
    expect(letters.length, `round ${round}: one message in progress for each kill`).toBeLessThanOrEqual(kills)
    for (const { why, reason } of letters) expect([why, reason?.kind]).toEqual(['crashed', 'killed'])
    totals.kills += kills
    totals.letters += letters.length
  }
  // Or it has not tested what it says.
  expect(totals.kills).toBeGreaterThan(ROUNDS)
  expect(totals.letters).toBeGreaterThan(0)
}, 180_000)

test('G4, G8: a receiver killed at random under 10,000 asks: each settles once, those begun at a kill reject, all others are answered', async () => {
  const { system, path, ref, letters } = await scene()
  const totals = { kills: 0, rejected: 0 }
  let before = 0
  for (const round of range(ROUNDS)) {
    const numbers = range(ASKS).map((i) => round * ASKS + i)
    const over = killAtRandom(system, ref, { upToMs: 20, killsMax: 3 })
    const answers = new Map<number, number>()
    const rejections = new Map<number, unknown>()
    let settled = 0
    await Promise.all(
      numbers.map((n) =>
        ref
          .ask(FOREVER)
          .answer(n)
          .then(
            ([of, incarnation]) => {
              if (of !== n) throw new Error(`${n} got the answer of ${of}`)
              answers.set(n, incarnation)
            },
            (error: unknown) => rejections.set(n, error),
          )
          .finally(() => settled++),
      ),
    )
    const kills = await over()
    const begun = begunIn(path, before)
    before += begun.length
    expect(settled, `round ${round}: each settles once`).toBe(ASKS)
    expect(answers.size + rejections.size).toBe(ASKS)
    expect(firstFault(begun), `round ${round}: in order, none twice`).toBe(undefined)
    const isBegun = new Set(begun)
    expect(
      [...answers.keys()].filter((n) => !isBegun.has(n)),
      `round ${round}: nobody else answers`,
    ).toEqual([])
    expect(rejections.size, `round ${round}: one ask in progress for each kill`).toBeLessThanOrEqual(kills)
    for (const error of rejections.values()) expect(error).toMatchObject({ code: 'TROUPE_ACTOR_DOWN', reason: { kind: 'killed' } })
    // All were queued from the start: whoever is answered by a later incarnation was queued at a kill.
    expect(firstFault([...answers.values()], true), `round ${round}: answered by one incarnation after the other`).toBe(undefined)
    totals.kills += kills
    totals.rejected += rejections.size
  }
  expect(letters).toEqual([])
  expect(totals.kills).toBeGreaterThan(ROUNDS)
  expect(totals.rejected).toBeGreaterThan(0)
}, 180_000)

/** The first number that is not above the one before it. */
function firstFault(numbers: readonly number[], maybeEqual = false): number | undefined {
  return numbers.find((n, i) => i > 0 && (maybeEqual ? n < numbers[i - 1]! : n <= numbers[i - 1]!))
}
