import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { log, must, type Scenario, scenario } from './kit.ts'
import { newWorld, OTHER, RECEIVER, SENDER, same, type World } from './world.ts'

interface Claimer {
  readonly seat: number
  /** Blocks in a row that it claims, one claim after the other. */
  readonly counts: readonly number[]
  readonly isVictim?: boolean
}

/** Some threads claim blocks at the same moment: each gets what it asked for, if it can be had in whatever order they come. */
function claim(name: string, blocks: number, claimers: readonly Claimer[], more: Partial<Scenario<World>> = {}): Scenario {
  return scenario<World>({
    name,
    setup: () => newWorld({ blocks }),
    threads: claimers.map(({ seat, counts, isVictim = false }) => ({
      name: `seat ${seat}`,
      isVictim,
      run({ arena }) {
        const mine = Arena.attach(arena.memory)
        for (const count of counts) log(mine.claim(seat, count, MESSAGES))
      },
    })),
    check({ arena }, { logs, killed }) {
      for (const { seat, counts } of claimers) {
        const got = logs[`seat ${seat}`]!
        if (killed.includes(`seat ${seat}`)) continue
        must(!got.includes(-1), `seat ${seat} was refused, and there was room: ${got}`)
        const held = [...Array(arena.blocksNow()).keys()].filter((block) => arena.ownerOf(block) === seat)
        const expected = got.flatMap((first, i) => [...Array(counts[i]).keys()].map((j) => first + j)).sort()
        must(same(held, expected), `seat ${seat} holds ${held}, and was given ${expected}`)
      }
    },
    ...more,
  })
}

export const scenarios = [
  // In 3n − 1 blocks there is room for a row of n, wherever another one lies.
  claim('two take a row of blocks each', 5, [
    { seat: SENDER, counts: [2] },
    { seat: OTHER, counts: [2] },
  ]),
  claim('two take a row of three each', 8, [
    { seat: SENDER, counts: [3] },
    { seat: OTHER, counts: [3] },
  ]),
  claim(
    'three take blocks',
    8,
    [
      { seat: RECEIVER, counts: [2] },
      { seat: SENDER, counts: [2] },
      { seat: OTHER, counts: [2] },
    ],
    { preemptionsMax: 4 },
  ),
  claim(
    'one that takes a row dies',
    8,
    [
      { seat: SENDER, counts: [3], isVictim: true },
      { seat: OTHER, counts: [2] },
    ],
    { killsMax: 1 },
  ),
]
