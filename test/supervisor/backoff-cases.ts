import { expect } from 'vitest'
import type { Case } from './decision-cases.ts'
import type { Minds } from './minds.ts'
import { dynamic, over, PLENTY, worker } from './specs.ts'
import { NO_START, SHUTDOWN, World } from './world.ts'

const SLOW = { backoff: { firstMs: 100, maxMs: 1_000, jitter: 0 } }

/** A child a with a backoff, and b without, under a supervisor of either kind. */
const worlds = (minds: Minds, intensity = PLENTY) => {
  const still = new World(minds, over([worker('a', SLOW), worker('b')], { intensity })).boot()
  const moving = new World(minds, dynamic({ intensity })).boot()
  for (const spec of [worker('a', SLOW), worker('b')]) moving.startChild(spec)
  return [still, moving].map((world) => {
    world.news()
    return world
  })
}

/** What was logged, and after how many milliseconds from now, until nothing waits any more. */
function pauses(world: World): [number, string[]][] {
  const fromMs = world.nowMs
  const seen: [number, string[]][] = []
  while (world.retries.length > 0) {
    world.nowMs = Math.min(...world.retries.map(({ untilMs }) => untilMs ?? world.nowMs))
    world.turn()
    seen.push([world.nowMs - fromMs, world.news()])
  }
  return seen
}

export const backoffCases: readonly Case[] = [
  {
    name: 'backoff: nothing happens until its time has come; without one the restart is at once',
    check: (minds) => {
      for (const world of worlds(minds)) {
        expect(world.exit('b').news()).toEqual(['start b'])
        expect(world.exit('a').news()).toEqual(['post a'])
        expect(world.which().find(({ name }) => name === 'a')).toMatchObject({ phase: 'restarting', waitUntilMs: 100 })
        world.nowMs = 99
        expect(world.turn().news()).toEqual([])
        world.nowMs = 100
        expect(world.turn().news()).toEqual(['start a'])
        expect(world.which().find(({ name }) => name === 'a')).toMatchObject({ phase: 'running', waitUntilMs: undefined, restarts: 1 })
      }
    },
  },
  {
    name: 'backoff: each pause is twice the one before, up to the longest; a failed start is a failure too',
    check: (minds) => {
      for (const world of worlds(minds)) {
        world.failing.set('a', 5)
        world.exit('a').news()
        expect(pauses(world)).toEqual([
          [100, ['start a', 'post a']],
          [300, ['start a', 'post a']],
          [700, ['start a', 'post a']],
          [1_500, ['start a', 'post a']],
          [2_500, ['start a', 'post a']],
          [3_500, ['start a']],
        ])
      }
    },
  },
  {
    name: 'backoff: after a quiet time it begins anew',
    check: (minds) => {
      for (const world of worlds(minds)) {
        const next = (aliveMs: number) => {
          world.nowMs += aliveMs
          world.exit('a').news()
          return pauses(world)[0]![0]
        }
        expect([next(0), next(0), next(999), next(1_000), next(0)]).toEqual([100, 200, 400, 100, 200])
      }
    },
  },
  {
    name: 'backoff: how much longer each pause is, and what is a quiet time, can be chosen',
    check: (minds) => {
      const world = new World(minds, over([worker('a', { backoff: { ...SLOW.backoff, factor: 3, quietMs: 5_000 } })])).boot()
      const next = (aliveMs: number) => {
        world.nowMs += aliveMs
        return pauses(world.exit('a'))[0]![0]
      }
      expect([next(0), next(0), next(4_999), next(0), next(5_000)]).toEqual([100, 300, 900, 1_000, 100])
    },
  },
  {
    name: 'backoff: whoever is told of an end is told of the pause in whole milliseconds, if there is one',
    check: (minds) => {
      const jittered = worker('a', { backoff: { firstMs: 100, maxMs: 1_000, jitter: 0.1 } })
      for (const spec of [over([jittered, worker('b')]), dynamic()]) {
        const intensity = { restarts: 3, withinMs: 1_000_000 }
        const world = new World(minds, { ...spec, intensity }).boot()
        if (spec.kind === 'dynamic-supervisor') for (const child of [jittered, worker('b')]) world.startChild(child)
        world.random = 0.123
        world.exit('b').failing.set('a', 1)
        world.exit('a').settle().exit('a')
        const told = [...world.report('exited'), ...world.report('startFailed')]
        // Of the last end nothing comes back: that was one restart too many.
        expect(told.map(({ name, fate, restartInMs }) => [name, fate === 'restarts', restartInMs])).toEqual([
          ['b', true, undefined],
          ['a', true, 93],
          ['a', false, undefined],
          ['a', true, 185],
        ])
      }
    },
  },
  {
    name: 'backoff: jitter spreads the pauses, and never beyond the longest',
    check: (minds) => {
      const jittered = { backoff: { firstMs: 100, maxMs: 200, jitter: 0.5 } }
      for (const [random, ms] of [
        [0, [50, 100, 100]],
        [0.5, [100, 200, 200]],
        [0.999, [149.9, 200, 200]],
      ] as const) {
        const world = new World(minds, over([worker('a', jittered)])).boot()
        world.random = random
        expect(ms.map(() => pauses(world.exit('a'))[0]![0])).toEqual(ms.map((one) => expect.closeTo(one, 5)))
      }
    },
  },
  {
    name: 'backoff: each restart counts once, whether it had to wait or not',
    check: (minds) => {
      for (const world of worlds(minds, { restarts: 2, withinMs: 1_000_000 })) {
        for (const _ of [1, 2]) world.exit('a').settle()
        expect([world.ended, world.report('exited').map(({ restartsLeft }) => restartsLeft)]).toEqual([undefined, [1, 0]])
        expect(world.exit('a').ended).toEqual(SHUTDOWN)
      }
      for (const world of worlds(minds, { restarts: 3, withinMs: 1_000_000 })) {
        world.failing.set('a', 2)
        world.exit('a').settle()
        expect([world.ended, world.counts[1]]).toEqual([undefined, 2])
        world.failing.set('a', 1)
        world.exit('a').settle()
        expect([world.ended, world.report('gaveUp')]).toMatchObject([SHUTDOWN, [{ name: 'a' }]])
      }
    },
  },
  {
    name: 'backoff: the pauses let the window slide, so what fails for long enough is tried for ever',
    check: (minds) => {
      for (const world of worlds(minds, { restarts: 3, withinMs: 1_000 })) {
        world.failing.set('a', 50)
        world.exit('a').settle()
        expect([world.ended, world.counts[1]]).toEqual([undefined, 2])
      }
    },
  },
  {
    name: 'backoff: a stop does not wait for it, and a request of its own ends it',
    check: (minds) => {
      for (const world of worlds(minds)) {
        world.exit('a').news()
        world.stop()
        expect([world.news(), world.ended]).toEqual([['stop b', 'end'], SHUTDOWN])
      }
      for (const world of worlds(minds)) {
        world.exit('a').news()
        expect([world.terminateChild('a'), world.settle().news()]).toEqual([{ ok: true }, []])
        expect(world.report('stopped')).toMatchObject([{ name: 'a', fate: 'ended' }])
        expect(world.which().map(({ waitUntilMs }) => waitUntilMs)).not.toContainEqual(expect.anything())
      }
    },
  },
  {
    name: 'backoff: a start that nobody wants any more fails without a pause',
    check: (minds) => {
      for (const world of worlds(minds)) {
        world.holdStarts = true
        world.exit('a').nowMs = 100
        world.turn().terminateChild('a')
        world.startFailed('a')
        world.news()
        expect(world.report('startFailed')).toMatchObject([{ name: 'a', fate: 'ended', restartInMs: undefined }])
        expect(world.settle().news()).toEqual([])
      }
    },
  },
  {
    name: 'backoff: a start on request that fails has no second try, and what comes after it begins anew',
    check: (minds) => {
      const world = worlds(minds)[0]!
      for (const _ of [1, 2, 3]) world.exit('a').settle()
      world.terminateChild('a')
      world.failing.set('a', 1)
      expect([world.restartChild('a'), world.retries]).toMatchObject([{ ok: false, why: 'startFailed' }, []])
      expect(world.report('startFailed')).toMatchObject([{ fate: 'ended', restartInMs: undefined }])
      world.restartChild('a')
      expect(pauses(world.exit('a'))[0]![0]).toBe(100)
    },
  },
  {
    name: 'backoff: a new spec without one restarts at once, and forgets the pauses before',
    check: (minds) => {
      const world = worlds(minds)[0]!
      world.exit('a').settle()
      world.changeSpec(over([worker('a'), worker('b')]))
      world.news()
      expect(world.exit('a').news()).toEqual(['start a'])
      world.changeSpec(over([worker('a', SLOW), worker('b')]))
      expect(pauses(world.exit('a'))[0]![0]).toBe(100)
    },
  },
  {
    name: 'backoff: its group lives on while it waits, and is stopped and started when it is its time',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b', SLOW), worker('c')], { strategy: 'one-for-all' })).boot()
      world.news()
      expect(world.exit('b').news()).toEqual(['post b'])
      expect(world.phases).toEqual(['c running', 'b restarting', 'a running'])
      world.nowMs = 100
      expect(world.turn().news()).toEqual(['stop c', 'stop a', 'start a', 'start b', 'start c'])
    },
  },
  {
    name: 'backoff: another member that fails meanwhile takes the group over, and the pause is forgotten',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b', SLOW)], { strategy: 'one-for-all' })).boot()
      world.news()
      world.exit('b').exit('a')
      expect(world.news()).toEqual(['post b', 'start a', 'start b'])
      expect([world.settle().news(), world.phases]).toEqual([[], ['b running', 'a running']])
    },
  },
  {
    name: 'backoff: a first start has no second try, and no pause',
    check: (minds) => {
      const world = new World(minds, over([worker('a', SLOW)]))
      world.failing.set('a', 1)
      expect([world.boot().news(), world.ended]).toEqual([['start a', 'end'], NO_START])
    },
  },
]
