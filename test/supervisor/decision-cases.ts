import { expect } from 'vitest'
import type { AutoShutdown, Restart, Strategy } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type { Minds } from './minds.ts'
import { over, worker } from './specs.ts'
import { CRASH, KILLED, NO_START, NORMAL, SHUTDOWN, World } from './world.ts'

/** One row of the truth table: its name is OTP's where OTP has one. It throws when the decision is wrong. */
export interface Case {
  readonly name: string
  readonly check: (minds: Minds) => void
}

const HOUR = 3_600_000
const limit = (restarts: number, withinMs = HOUR) => ({ intensity: { restarts, withinMs } })
const REFUSED = (why: string) => ({ ok: false, why })
const OK = { ok: true }

const pair = (minds: Minds, strategy: Strategy, restarts = 2) =>
  new World(minds, over([worker('c1'), worker('c2')], { strategy, ...limit(restarts) })).boot()

const trio = (minds: Minds, strategy: Strategy, restarts = 100) =>
  new World(minds, over([worker('a'), worker('b'), worker('c')], { strategy, ...limit(restarts) })).boot()

// ---- start and stop -------------------------------------------------------------------------------------------------

const startAndStop: Case[] = [
  {
    name: 'sup_start_normal: without children it starts and stops',
    check: (minds) => {
      const world = new World(minds, over([], limit(2))).boot()
      expect([world.ready, world.counts]).toEqual([true, [0, 0, 0, 0]])
      expect(world.stop().ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'start_order: the next child starts when the former is ready',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b'), worker('c')]))
      world.holdStarts = true
      world.boot()
      expect(world.news()).toEqual(['start a'])
      world.started('a')
      expect(world.news()).toEqual(['start b'])
      world.started('b')
      world.started('c')
      expect(world.news()).toEqual(['start c', 'ready'])
    },
  },
  {
    name: 'start_fail: the first start has no second try; what is up goes down in reverse order',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b'), worker('c'), worker('d')]))
      world.failing.set('c', 1)
      world.boot()
      expect(world.news()).toEqual(['start a', 'start b', 'start c', 'stop b', 'stop a', 'end'])
      expect([world.ready, world.ended]).toEqual([false, NO_START])
      expect(world.report('startFailed')).toMatchObject([{ name: 'c', fate: 'parent-decides' }])
    },
  },
  {
    name: 'start_order: a child that dies while a later one starts is restarted afterwards',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b')]))
      world.holdStarts = true
      world.boot()
      world.started('a')
      world.exit('a')
      expect(world.news()).toEqual(['start a', 'start b'])
      world.started('b')
      expect(world.news()).toEqual(['ready', 'start a'])
    },
  },
  {
    name: 'sup_stop: one after the other, in the reverse order of the start',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStops = true
      world.news()
      world.stop()
      expect(world.news()).toEqual(['stop c'])
      world.stopped('c')
      expect(world.news()).toEqual(['stop b'])
      world.stopped('b')
      world.stopped('a')
      expect(world.news()).toEqual(['stop a', 'end'])
    },
  },
  {
    name: 'sup_stop_race: a child that dies while others are stopped is not restarted',
    check: (minds) => {
      const world = trio(minds, 'one-for-all')
      world.holdStops = true
      world.news()
      world.stop().exit('a').exit('c')
      world.stopped('b', CRASH)
      expect(world.news()).toEqual(['stop c', 'stop b', 'end'])
      expect(world.report('stopped').map(({ name, expected }) => [name, expected])).toEqual([
        ['c', false],
        ['b', false],
        ['a', false],
      ])
      expect(world.ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'sup_stop: twice is once',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStops = true
      world.news()
      world.stop().stop()
      expect(world.news()).toEqual(['stop c'])
    },
  },
  {
    name: 'sup_stop: before the start, it never starts',
    check: (minds) => {
      const world = new World(minds, over([worker('a')])).stop()
      expect(world.ended).toEqual(SHUTDOWN)
      expect(world.boot().news()).toEqual(['end'])
    },
  },
  {
    name: 'sup_stop: while it starts, the start under way is cancelled and what is up is stopped',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b'), worker('c')]))
      world.holdStarts = true
      world.boot()
      world.started('a')
      world.news()
      world.stop()
      expect(world.news()).toEqual(['cancel b'])
      world.startFailed('b')
      expect(world.news()).toEqual(['stop a', 'end'])
      expect([world.ready, world.ended]).toEqual([false, SHUTDOWN])
    },
  },
  {
    name: 'sup_stop: a start that succeeds although it was cancelled is stopped first',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b')]))
      world.holdStarts = true
      world.boot()
      world.started('a')
      world.news()
      world.stop().started('b')
      expect(world.news()).toEqual(['cancel b', 'stop b', 'stop a', 'end'])
    },
  },
  {
    name: 'sup_stop: during a restart nothing is started any more',
    check: (minds) => {
      const world = trio(minds, 'rest-for-one')
      world.holdStarts = true
      world.news()
      world.exit('b').stop()
      world.startFailed('b')
      world.settle()
      expect(world.news()).toEqual(['stop c', 'start b', 'cancel b', 'stop a', 'end'])
    },
  },
  {
    name: 'sup_stop: a stop under way is waited for first: two are never under way together',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStops = true
      world.news()
      world.terminateChild('a')
      world.stop()
      expect(world.news()).toEqual(['stop a'])
      world.stopped('a')
      expect([world.news(), world.replies.get(1)]).toEqual([['stop c'], REFUSED('supervisorStopped')])
    },
  },
  {
    name: 'sup_stop: a kill reaches all at once, also those that were asked before',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStops = true
      world.news()
      world.stop().stop('kill')
      expect(world.news()).toEqual(['stop c', 'kill c', 'kill b', 'kill a'])
      for (const name of ['a', 'b', 'c']) world.stopped(name, KILLED)
      expect(world.ended).toEqual(KILLED)
    },
  },
  ...(['permanent', 'transient', 'temporary'] as const).map((restart) => ({
    name: `sup_stop_non_shutdown_exit: ${restart} children may end as they like, and what was not asked for is reported`,
    check: (minds: Minds) => {
      for (const [reason, expected] of [
        [SHUTDOWN, true],
        [NORMAL, restart !== 'permanent'],
        [CRASH, false],
        [KILLED, false],
      ] as const) {
        const world = new World(minds, over([worker('a', { restart })])).boot()
        world.stopsWith = () => reason
        world.stop()
        expect([reason, world.ended, world.report('stopped')[0]?.expected]).toEqual([reason, SHUTDOWN, expected])
      }
    },
  })),
  {
    name: "sup_stop_brutal_kill: a child with shutdownMs: 'kill' is expected to be killed",
    check: (minds) => {
      const world = new World(minds, over([worker('a', { shutdownMs: 'kill' })])).boot()
      world.stopsWith = () => KILLED
      expect(world.stop().report('stopped')).toMatchObject([{ name: 'a', reason: KILLED, expected: true }])
    },
  },
]

// ---- which exits restart --------------------------------------------------------------------------------------------

/** Name, kind, how it ends, whether it is restarted, and the counts afterwards. */
const ENDS = [
  ['permanent_normal', 'permanent', NORMAL, true, [1, 1, 0, 1]],
  ['permanent_shutdown', 'permanent', SHUTDOWN, true, [1, 1, 0, 1]],
  ['permanent_abnormal', 'permanent', CRASH, true, [1, 1, 0, 1]],
  ['permanent_killed', 'permanent', KILLED, true, [1, 1, 0, 1]],
  ['transient_normal', 'transient', NORMAL, false, [1, 0, 0, 1]],
  ['transient_shutdown', 'transient', SHUTDOWN, false, [1, 0, 0, 1]],
  ['transient_abnormal', 'transient', CRASH, true, [1, 1, 0, 1]],
  ['transient_killed', 'transient', KILLED, true, [1, 1, 0, 1]],
  ['transient_exit_0', 'transient', { kind: 'exit', code: 0 }, true, [1, 1, 0, 1]],
  // As in OTP: an exit signal has the reason of whoever ended first.
  ['transient_linked_shutdown', 'transient', { kind: 'linked', path: '/x', reason: SHUTDOWN }, false, [1, 0, 0, 1]],
  ['transient_linked_abnormal', 'transient', { kind: 'linked', path: '/x', reason: CRASH }, true, [1, 1, 0, 1]],
  ['temporary_normal', 'temporary', NORMAL, false, [0, 0, 0, 0]],
  ['temporary_shutdown', 'temporary', SHUTDOWN, false, [0, 0, 0, 0]],
  ['temporary_abnormal', 'temporary', CRASH, false, [0, 0, 0, 0]],
  ['temporary_killed', 'temporary', KILLED, false, [0, 0, 0, 0]],
] as const

const ends: Case[] = ENDS.flatMap(([name, restart, reason, restarted, counts]) =>
  (['one-for-one', 'one-for-all', 'rest-for-one'] as const).map((strategy) => ({
    name: `${name} (${strategy})`,
    check: (minds: Minds) => {
      const world = new World(minds, over([worker('a', { restart })], { strategy })).boot()
      const before = world.run('a')
      world.exit('a', reason)
      expect(world.counts).toEqual(counts)
      expect(world.run('a') !== undefined && world.run('a') !== before).toBe(restarted)
      expect(world.report('exited')).toMatchObject([{ name: 'a', reason, fate: restarted ? 'restarts' : 'ended' }])
      expect(world.ended).toBe(undefined)
    },
  })),
)

const afterEnds: Case[] = [
  {
    name: 'transient_shutdown: restartChild brings it back',
    check: (minds) => {
      const world = new World(minds, over([worker('a', { restart: 'transient' })])).boot().exit('a', SHUTDOWN)
      expect([world.phases, world.restartChild('a'), world.counts]).toEqual([['a stopped'], OK, [1, 1, 0, 1]])
    },
  },
  {
    name: 'temporary_shutdown: the same name can be used again',
    check: (minds) => {
      const world = new World(minds, over([worker('a', { restart: 'temporary' })])).boot().exit('a', SHUTDOWN)
      expect([world.startChild(worker('a', { restart: 'temporary' })), world.counts]).toEqual([OK, [1, 1, 0, 1]])
    },
  },
  ...(['transient', 'temporary'] as const).map((restart) => ({
    name: `group: a ${restart} child that is not restarted leaves its group alone`,
    check: (minds: Minds) => {
      for (const strategy of ['one-for-all', 'rest-for-one'] as const) {
        const world = new World(minds, over([worker('a'), worker('b', { restart }), worker('c')], { strategy })).boot()
        world.news()
        world.exit('b', NORMAL)
        expect(world.news()).toEqual([])
      }
    },
  })),
]

// ---- strategies -----------------------------------------------------------------------------------------------------

const strategies: Case[] = [
  {
    name: 'one_for_one: the other keeps its run; three crashes are too many for 2',
    check: (minds) => {
      const world = pair(minds, 'one-for-one')
      const [c1, c2] = [world.run('c1'), world.run('c2')]
      world.exit('c1')
      expect([world.run('c1') !== c1, world.run('c2'), world.counts]).toEqual([true, c2, [2, 2, 0, 2]])
      world.exit('c1').exit('c1')
      expect(world.ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'one_for_one: only the failed child is started',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.news()
      expect(world.exit('b').news()).toEqual(['start b'])
    },
  },
  {
    name: 'one_for_one: two that die together are restarted one after the other',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStarts = true
      world.news()
      world.exit('c').exit('a')
      expect(world.news()).toEqual(['start c'])
      world.started('c')
      expect(world.news()).toEqual(['start a'])
    },
  },
  {
    name: 'one_for_one_escalation: a start that always fails uses the limit up',
    check: (minds) => {
      const world = pair(minds, 'one-for-one', 4)
      world.failing.set('c1', Number.POSITIVE_INFINITY)
      world.news()
      world.exit('c1').settle()
      const tries = Array.from({ length: 4 }, () => ['start c1', 'post c1']).flat()
      expect(world.news()).toEqual([...tries, 'stop c2', 'end'])
      expect([world.ended, world.report('gaveUp')]).toMatchObject([SHUTDOWN, [{ name: 'c1', reason: NO_START, restarts: 4, whole: true }]])
    },
  },
  {
    name: 'one_for_all: all are stopped in reverse order and started in order',
    check: (minds) => {
      const world = trio(minds, 'one-for-all')
      const runs = ['a', 'b', 'c'].map((name) => world.run(name))
      world.news()
      expect(world.exit('b').news()).toEqual(['stop c', 'stop a', 'start a', 'start b', 'start c'])
      expect(['a', 'b', 'c'].map((name) => world.run(name)).filter((run) => runs.includes(run))).toEqual([])
      expect(world.which().map(({ restarts }) => restarts)).toEqual([1, 1, 1])
    },
  },
  {
    name: 'one_for_all: the third crash ends it',
    check: (minds) => {
      const world = pair(minds, 'one-for-all').exit('c1')
      expect(world.counts).toEqual([2, 2, 0, 2])
      expect(world.exit('c2').exit('c1').ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'one_for_all_escalation: the second child cannot start again, and all end',
    check: (minds) => {
      const world = pair(minds, 'one-for-all', 4)
      world.failing.set('c2', Number.POSITIVE_INFINITY)
      world.news()
      world.exit('c1').settle()
      expect(world.news().slice(0, 7)).toEqual(['stop c2', 'start c1', 'start c2', 'post c2', 'stop c1', 'start c1', 'start c2'])
      expect([world.ended, world.counts]).toEqual([SHUTDOWN, [2, 0, 0, 2]])
    },
  },
  {
    name: 'one_for_all_other_child_fails_restart: the retry stops what was restarted and starts all',
    check: (minds) => {
      const world = trio(minds, 'one-for-all')
      world.failing.set('b', 1)
      world.news()
      world.exit('c')
      expect(world.news()).toEqual(['stop b', 'stop a', 'start a', 'start b', 'post b'])
      expect(world.phases).toEqual(['c stopped', 'b restarting', 'a running'])
      world.turn()
      expect(world.news()).toEqual(['stop a', 'start a', 'start b', 'start c'])
    },
  },
  {
    name: 'rest_for_one: those before keep their run, those after are stopped in reverse and started in order',
    check: (minds) => {
      const world = new World(
        minds,
        over(
          ['a', 'b', 'c', 'd'].map((name) => worker(name)),
          { strategy: 'rest-for-one' },
        ),
      ).boot()
      const a = world.run('a')
      world.news()
      expect(world.exit('b').news()).toEqual(['stop d', 'stop c', 'start b', 'start c', 'start d'])
      expect([world.run('a'), world.counts]).toEqual([a, [4, 4, 0, 4]])
      expect(world.exit('d').news()).toEqual(['start d'])
    },
  },
  {
    name: 'rest_for_one_escalation: the second child cannot start again, and all end',
    check: (minds) => {
      const world = pair(minds, 'rest-for-one', 4)
      world.failing.set('c2', Number.POSITIVE_INFINITY)
      expect(world.exit('c1').settle().ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'rest_for_one_other_child_fails_restart: the retry begins where it failed',
    check: (minds) => {
      const world = new World(
        minds,
        over(
          ['a', 'b', 'c', 'd'].map((name) => worker(name)),
          { strategy: 'rest-for-one' },
        ),
      ).boot()
      world.failing.set('c', 2)
      world.news()
      world.exit('b')
      expect(world.news()).toEqual(['stop d', 'stop c', 'start b', 'start c', 'post c'])
      const b = world.run('b')
      world.turn()
      expect(world.news()).toEqual(['start c', 'post c'])
      world.turn()
      expect([world.news(), world.run('b')]).toEqual([['start c', 'start d'], b])
    },
  },
  {
    name: 'rest_for_one: a child that was restarted and dies before the retry takes the group over',
    check: (minds) => {
      const world = trio(minds, 'rest-for-one')
      world.failing.set('b', 1)
      world.news()
      world.exit('a')
      expect(world.news()).toEqual(['stop c', 'stop b', 'start a', 'start b', 'post b'])
      world.exit('a')
      expect(world.news()).toEqual(['start a', 'start b', 'start c'])
      expect(world.settle().news()).toEqual([])
    },
  },
  {
    name: 'group: a temporary child is stopped with the group and never comes back',
    check: (minds) => {
      for (const strategy of ['one-for-all', 'rest-for-one'] as const) {
        const world = new World(minds, over([worker('a'), worker('b', { restart: 'temporary' }), worker('c')], { strategy })).boot()
        world.news()
        world.exit('a')
        expect(world.news()).toEqual(['stop c', 'stop b', 'start a', 'start c'])
        expect(world.report('stopped')).toMatchObject([
          { name: 'c', fate: 'restarts' },
          { name: 'b', fate: 'ended' },
        ])
        expect(world.counts).toEqual([2, 2, 0, 2])
      }
    },
  },
  {
    name: 'tree: a group restart also starts what was terminated by hand or had ended',
    check: (minds) => {
      const children = [worker('a'), worker('b'), worker('c', { restart: 'transient' })]
      const world = new World(minds, over(children, { strategy: 'one-for-all' })).boot()
      world.terminateChild('b')
      world.exit('c', NORMAL)
      expect(world.counts).toEqual([3, 1, 0, 3])
      world.exit('a')
      expect(world.counts).toEqual([3, 3, 0, 3])
      expect(world.report('started').slice(-3)).toMatchObject([
        { name: 'a', attempt: 'restart' },
        { name: 'b', attempt: 'initial' },
        { name: 'c', attempt: 'initial' },
      ])
    },
  },
  {
    name: 'group: a member that dies by itself while the group is stopped counts for nothing',
    check: (minds) => {
      const world = trio(minds, 'one-for-all', 1)
      world.holdStops = true
      world.news()
      world.exit('a').exit('b')
      world.stopped('c')
      expect(world.news()).toEqual(['stop c', 'start a', 'start b', 'start c'])
      expect([world.ended, world.report('stopped')]).toMatchObject([
        undefined,
        [
          { name: 'c', expected: true },
          { name: 'b', reason: CRASH, expected: false },
        ],
      ])
    },
  },
]

// ---- intensity ------------------------------------------------------------------------------------------------------

const crashAt = (minds: Minds, restarts: number, withinMs: number, timesMs: readonly number[]) => {
  const world = new World(minds, over([worker('a'), worker('b')], limit(restarts, withinMs))).boot()
  const survived = timesMs.findIndex((atMs) => {
    world.nowMs = atMs
    world.exit('a')
    return world.ended !== undefined
  })
  return survived < 0 ? timesMs.length : survived
}

/** Name, intensity, window, when a child crashes, and how many of the crashes are restarted. */
const WINDOWS = [
  ['0: the first crash ends it', 0, 1_000, [0], 0],
  ['as many as it says are fine', 3, 1_000, [0, 0, 0], 3],
  ['one more is too many', 3, 1_000, [0, 0, 0, 0], 3],
  ['the window slides', 2, 1_000, [0, 600, 1_100, 1_700, 2_200], 5],
  ['the window does not start again with its first restart', 2, 1_000, [0, 900, 1_100, 1_200], 3],
  ['the lower bound is inclusive', 1, 1_000, [0, 1_000], 1],
  ['one millisecond later is outside', 1, 1_000, [0, 1_001], 2],
  ['it is not used up for ever', 1, 10, [0, 11, 22, 33, 44, 55], 6],
  ['a window of more than 2^31 ms', 1, 3_000_000_000, [0, 2_999_999_999], 1],
] as const

const intensities: Case[] = [
  ...WINDOWS.map(([name, restarts, withinMs, timesMs, restarted]) => ({
    name: `intensity: ${name}`,
    check: (minds: Minds) => expect(crashAt(minds, restarts, withinMs, timesMs)).toBe(restarted),
  })),
  {
    name: 'intensity: it is one count over all children',
    check: (minds) => {
      const world = trio(minds, 'one-for-one', 2).exit('a').exit('b')
      expect([world.ended, world.exit('c').ended]).toEqual([undefined, SHUTDOWN])
    },
  },
  {
    name: 'intensity: a group restart is one restart, however many children it has',
    check: (minds) => {
      const world = trio(minds, 'one-for-all', 2).exit('a').exit('b')
      expect([world.counts, world.exit('c').ended]).toEqual([[3, 3, 0, 3], SHUTDOWN])
    },
  },
  {
    name: 'intensity: a failed start counts, and only what is inside the window',
    check: (minds) => {
      const world = new World(minds, over([worker('a')], limit(2, 1_000))).boot()
      world.failing.set('a', 5)
      world.exit('a')
      for (world.nowMs = 600; world.nowMs < 3_600; world.nowMs += 600) world.turn()
      expect([world.ended, world.phases]).toEqual([undefined, ['a running']])
    },
  },
  {
    name: 'intensity: what is not restarted does not count',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b', { restart: 'transient' })], limit(1))).boot()
      world.exit('b', NORMAL)
      expect(world.restartChild('b')).toEqual(OK)
      world.terminateChild('b')
      world.restartChild('b')
      expect([world.exit('a').ended, world.counts]).toEqual([undefined, [2, 2, 0, 2]])
    },
  },
  {
    name: 'intensity: on excess the others are stopped in reverse order, and the reason is shutdown',
    check: (minds) => {
      const world = trio(minds, 'one-for-one', 0)
      world.news()
      world.exit('b')
      expect(world.news()).toEqual(['stop c', 'stop a', 'end'])
      expect(world.ended).toEqual(SHUTDOWN)
      expect(world.report('gaveUp')).toEqual([{ kind: 'gaveUp', name: 'b', reason: CRASH, restarts: 0, withinMs: HOUR, whole: true }])
      expect(world.report('exited')).toMatchObject([{ name: 'b', fate: 'parent-decides' }])
    },
  },
]

// ---- the restarting state -------------------------------------------------------------------------------------------

const failingOne = (minds: Minds) => {
  const world = trio(minds, 'one-for-one')
  world.failing.set('b', 1)
  world.exit('b')
  world.news()
  return world
}

const restarting: Case[] = [
  {
    name: 'restarting: the retry is posted, and the supervisor answers in between',
    check: (minds) => {
      const world = failingOne(minds)
      expect(world.phases).toEqual(['c running', 'b restarting', 'a running'])
      expect(world.counts).toEqual([3, 2, 0, 3])
      expect(world.restartChild('b')).toEqual(REFUSED('restarting'))
      expect(world.deleteChild('b')).toEqual(REFUSED('restarting'))
      expect(world.startChild(worker('b'))).toEqual(REFUSED('alreadyPresent'))
      expect(world.turn().phases).toEqual(['c running', 'b running', 'a running'])
    },
  },
  {
    name: 'restarting: terminateChild ends the retries',
    check: (minds) => {
      const world = failingOne(minds)
      expect([world.terminateChild('b'), world.phases[1]]).toEqual([OK, 'b stopped'])
      expect(world.report('stopped')).toMatchObject([{ name: 'b', reason: NO_START, fate: 'ended' }])
      expect(world.settle().news()).toEqual([])
      expect([world.restartChild('b'), world.counts]).toEqual([OK, [3, 3, 0, 3]])
    },
  },
  {
    name: 'restarting: an old retry does not disturb a child that was started by hand since',
    check: (minds) => {
      const world = failingOne(minds)
      world.terminateChild('b')
      world.restartChild('b')
      world.news()
      expect(world.turn().news()).toEqual([])
    },
  },
  {
    name: 'restarting: a retry that was overtaken is not made in addition to its successor',
    check: (minds) => {
      const world = failingOne(minds)
      world.terminateChild('b')
      world.restartChild('b')
      world.failing.set('b', 2)
      world.exit('b')
      world.news()
      expect([world.retries.length, world.turn().news()]).toEqual([2, ['start b', 'post b']])
    },
  },
  {
    name: 'restarting: a stop comes before the retry',
    check: (minds) => {
      const world = failingOne(minds)
      world.stop().settle()
      expect(world.news()).toEqual(['stop c', 'stop a', 'end'])
      expect(world.report('stopped')).toMatchObject([{ name: 'c' }, { name: 'b', fate: 'parent-decides' }, { name: 'a' }])
    },
  },
  {
    name: 'restarting: a crash of another child comes before the retry',
    check: (minds) => {
      const world = failingOne(minds).exit('a')
      expect(world.news()).toEqual(['start a'])
      expect(world.turn().news()).toEqual(['start b'])
    },
  },
  {
    name: 'restarting: terminateChild cancels a restart under way, and no retry follows',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStarts = true
      world.news()
      world.exit('b').terminateChild('b')
      expect(world.news()).toEqual(['start b', 'cancel b'])
      world.startFailed('b', { kind: 'shutdown' })
      expect(world.reports.filter(({ kind }) => kind === 'startFailed')).toMatchObject([{ name: 'b', fate: 'ended' }])
      world.settle()
      expect([world.phases[1], world.replies.get(1), world.counts]).toEqual(['b stopped', OK, [3, 2, 0, 3]])
    },
  },
]

// ---- requests -------------------------------------------------------------------------------------------------------

const requests: Case[] = [
  {
    name: 'child_adm: the whole life of a child under a static supervisor',
    check: (minds) => {
      const world = new World(minds, over([worker('a')])).boot()
      expect(world.startChild(worker('a'))).toEqual(REFUSED('alreadyStarted'))
      expect(world.terminateChild('b')).toEqual(REFUSED('notFound'))
      expect([world.terminateChild('a'), world.counts]).toEqual([OK, [1, 0, 0, 1]])
      expect(world.terminateChild('a')).toEqual(OK)
      expect(world.startChild(worker('a'))).toEqual(REFUSED('alreadyPresent'))
      expect(world.restartChild('a')).toEqual(OK)
      expect(world.restartChild('a')).toEqual(REFUSED('running'))
      expect(world.deleteChild('a')).toEqual(REFUSED('running'))
      expect(world.restartChild('b')).toEqual(REFUSED('notFound'))
      expect(world.deleteChild('b')).toEqual(REFUSED('notFound'))
      expect([world.terminateChild('a'), world.deleteChild('a'), world.counts]).toEqual([OK, OK, [0, 0, 0, 0]])
      expect(world.deleteChild('a')).toEqual(REFUSED('notFound'))
      world.stop()
      expect(world.startChild(worker('a'))).toEqual(REFUSED('supervisorStopped'))
    },
  },
  {
    name: 'start_child: the new child is the last to start and the first to stop',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b')], { strategy: 'rest-for-one' })).boot()
      world.startChild(worker('c'))
      world.news()
      expect(world.exit('b').news()).toEqual(['stop c', 'start b', 'start c'])
      expect(world.phases).toEqual(['c running', 'b running', 'a running'])
    },
  },
  {
    name: 'sup_start_child_returns_error: nothing is kept of a child that did not start',
    check: (minds) => {
      const world = new World(minds, over([])).boot()
      world.failing.set('a', 1)
      expect(world.startChild(worker('a'))).toEqual({ ok: false, why: 'startFailed', reason: NO_START })
      expect([world.counts, world.startChild(worker('a'))]).toEqual([[0, 0, 0, 0], OK])
    },
  },
  {
    name: 'sup_start_restart_child_returns_error: the spec stays, the child is stopped, and nothing is retried',
    check: (minds) => {
      const world = new World(minds, over([worker('a')])).boot()
      world.terminateChild('a')
      world.failing.set('a', 1)
      expect(world.restartChild('a')).toEqual({ ok: false, why: 'startFailed', reason: NO_START })
      expect([world.retries, world.phases]).toEqual([[], ['a stopped']])
    },
  },
  {
    name: 'terminate_child: not counted, no automatic shutdown, and a temporary child is forgotten',
    check: (minds) => {
      const children = [worker('a', { restart: 'temporary', significant: true }), worker('b')]
      const world = new World(minds, over(children, { autoShutdown: 'any-significant', ...limit(0) })).boot()
      expect([world.terminateChild('a'), world.counts, world.ended]).toEqual([OK, [1, 1, 0, 1], undefined])
      expect(world.terminateChild('b')).toEqual(OK)
      expect(world.ended).toBe(undefined)
    },
  },
  {
    name: 'terminate_child: a child that dies by itself meanwhile is not restarted',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStops = true
      world.terminateChild('b')
      world.exit('b')
      expect([world.replies.get(1), world.phases[1]]).toEqual([OK, 'b stopped'])
    },
  },
  {
    name: 'requests: they are answered in order, after what the supervisor is doing',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStarts = true
      world.exit('a')
      world.startChild(worker('d'))
      world.terminateChild('b')
      expect(world.replies.size).toBe(0)
      world.started('a')
      world.started('d')
      expect([world.replies.get(1), world.replies.get(2)]).toEqual([OK, OK])
    },
  },
  {
    name: 'requests: a stop answers all that wait',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      world.holdStarts = true
      world.startChild(worker('d'))
      world.terminateChild('b')
      world.stop()
      world.started('d')
      expect([world.replies.get(1), world.replies.get(2)]).toEqual([REFUSED('supervisorStopped'), REFUSED('supervisorStopped')])
      expect([world.ended, world.phases]).toEqual([SHUTDOWN, ['d stopped', 'c stopped', 'b stopped', 'a stopped']])
    },
  },
  {
    name: 'which_children, count_children: newest first; supervisors and workers by what the spec says',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), over([], {}), worker('b')])).boot()
      expect(world.which().map(({ name, kind }) => `${name} ${kind}`)).toEqual(['b actor', 'top supervisor', 'a actor'])
      expect(world.counts).toEqual([3, 3, 1, 2])
      world.terminateChild('top')
      expect([world.counts, world.phases]).toEqual([
        [3, 2, 1, 2],
        ['b running', 'top stopped', 'a running'],
      ])
      world.deleteChild('top')
      expect(world.counts).toEqual([2, 2, 0, 2])
    },
  },
  {
    name: 'do_not_save_start_parameters: the arguments of a temporary child are let go once it has started',
    check: (minds) => {
      for (const [restart, kept] of [
        ['temporary', 0],
        ['transient', 1],
        ['permanent', 1],
      ] as const) {
        const spec = { ...worker('a', { restart }), args: ['x'.repeat(50_000)] }
        let state = minds.decide(minds.staticState(over([])), { atMs: 0, is: 'boot', attempt: 'initial' }).state
        state = minds.decide(state, { atMs: 0, is: 'startChild', id: 1, spec }).state
        state = minds.decide(state, { atMs: 0, is: 'started', name: 'a', run: 1 }).state
        expect((state.children[0]!.spec as typeof spec).args).toHaveLength(kept)
      }
    },
  },
  {
    name: 'which_children: restarts and the last reason are told',
    check: (minds) => {
      const world = trio(minds, 'one-for-one').exit('b', KILLED).exit('b', CRASH)
      expect(world.which()[1]).toEqual({ name: 'b', kind: 'actor', phase: 'running', restarts: 2, lastExit: CRASH })
      expect(world.which()[0]).toEqual({ name: 'c', kind: 'actor', phase: 'running', restarts: 0, lastExit: undefined })
    },
  },
  ...(['one-for-one', 'one-for-all', 'rest-for-one'] as const).map((strategy) => ({
    name: `do_not_save_child_specs_for_temporary_children (${strategy})`,
    check: (minds: Minds) => {
      const endings = { kill: KILLED, normal: NORMAL, abnormal: CRASH, terminate: undefined }
      for (const [how, reason] of Object.entries(endings)) {
        const again = (['permanent', 'transient', 'temporary'] as const).map((restart) => {
          const world = new World(minds, over([], { strategy })).boot()
          world.startChild(worker('a', { restart }))
          if (reason === undefined) world.terminateChild('a')
          else world.exit('a', reason)
          return world.startChild(worker('a', { restart }))
        })
        const kept = (isRunning: boolean) => REFUSED(isRunning ? 'alreadyStarted' : 'alreadyPresent')
        expect([how, ...again]).toEqual([how, kept(how !== 'terminate'), kept(how === 'kill' || how === 'abnormal'), OK])
      }
    },
  })),
]

// ---- significant children -------------------------------------------------------------------------------------------

const significantPair = (minds: Minds, autoShutdown: AutoShutdown, restart: Restart) =>
  new World(
    minds,
    over([worker('s1', { restart, significant: true }), worker('s2', { restart, significant: true }), worker('other')], { autoShutdown }),
  ).boot()

const significant: Case[] = [
  ...(['never', 'any-significant', 'all-significant'] as const).flatMap((autoShutdown) => [
    {
      name: `nonsignificant_temporary (${autoShutdown})`,
      check: (minds: Minds) => {
        const children = ['a', 'b', 'c', 'd'].map((name) => worker(name, { restart: 'temporary' }))
        const world = new World(minds, over(children, { autoShutdown })).boot()
        world.terminateChild('a')
        world.exit('b', KILLED).exit('c', CRASH).exit('d', NORMAL)
        expect([world.ended, world.counts]).toEqual([undefined, [0, 0, 0, 0]])
      },
    },
    {
      name: `nonsignificant_transient (${autoShutdown})`,
      check: (minds: Minds) => {
        const children = ['a', 'b', 'c', 'd'].map((name) => worker(name, { restart: 'transient' }))
        const world = new World(minds, over(children, { autoShutdown })).boot()
        world.terminateChild('a')
        world.exit('b', KILLED).exit('c', CRASH).exit('d', NORMAL)
        expect([world.ended, world.counts]).toEqual([undefined, [4, 2, 0, 4]])
      },
    },
  ]),
  ...(
    [
      ['transient', NORMAL, true],
      ['transient', SHUTDOWN, true],
      ['transient', CRASH, false],
      ['temporary', NORMAL, true],
      ['temporary', CRASH, true],
      ['temporary', KILLED, true],
    ] as const
  ).flatMap(([restart, reason, counts]) => [
    {
      name: `significant_${restart}_any: ${reason.kind} ${counts ? 'ends' : 'does not end'} the supervisor`,
      check: (minds: Minds) => {
        const world = significantPair(minds, 'any-significant', restart)
        world.news()
        world.exit('s1', reason)
        expect([world.ended, world.news()]).toEqual(counts ? [SHUTDOWN, ['stop other', 'stop s2', 'end']] : [undefined, ['start s1']])
        expect(world.report('autoShutdown')).toHaveLength(counts ? 1 : 0)
      },
    },
    {
      name: `significant_${restart}_all: ${reason.kind} ${counts ? 'of the last ends' : 'does not end'} the supervisor`,
      check: (minds: Minds) => {
        const world = significantPair(minds, 'all-significant', restart).exit('s1', reason)
        expect(world.ended).toBe(undefined)
        expect(world.exit('s2', reason).ended).toEqual(counts ? SHUTDOWN : undefined)
      },
    },
  ]),
  {
    name: 'significant_all: a terminated one is not active, but its termination ends nothing',
    check: (minds) => {
      const world = significantPair(minds, 'all-significant', 'transient')
      world.terminateChild('s2')
      expect(world.ended).toBe(undefined)
      expect(world.exit('s1', NORMAL).ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'significant_all: one that waits for its restart is active',
    check: (minds) => {
      const world = significantPair(minds, 'all-significant', 'transient')
      world.failing.set('s2', 1)
      world.exit('s2').exit('s1', NORMAL)
      expect(world.ended).toBe(undefined)
      expect(world.turn().exit('s2', NORMAL).ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'significant_bystander: being stopped in a group restart ends nothing',
    check: (minds) => {
      const children = [worker('a'), worker('s', { restart: 'temporary', significant: true })]
      const world = new World(minds, over(children, { strategy: 'one-for-all', autoShutdown: 'any-significant' })).boot().exit('a')
      expect([world.ended, world.phases]).toEqual([undefined, ['a running']])
    },
  },
]

// ---- what is promised to the addresses ------------------------------------------------------------------------------

const fates: Case[] = [
  {
    name: 'fate: children added at run time end with the supervisor, those of its spec may come back with it',
    check: (minds) => {
      const world = new World(minds, over([worker('a')])).boot()
      world.startChild(worker('b'))
      expect(world.stop().report('stopped')).toMatchObject([
        { name: 'b', fate: 'ended' },
        { name: 'a', fate: 'parent-decides' },
      ])
    },
  },
  {
    name: 'fate: a group member that waits for the next try can be deleted, and the world hears that it never comes back',
    check: (minds) => {
      const world = trio(minds, 'rest-for-one')
      world.failing.set('b', 1)
      world.exit('b')
      expect([world.phases, world.deleteChild('c')]).toEqual([['c stopped', 'b restarting', 'a running'], OK])
      expect(world.report('stopped')).toMatchObject([
        { name: 'c', fate: 'restarts' },
        { name: 'c', fate: 'ended' },
      ])
      expect(world.settle().phases).toEqual(['b running', 'a running'])
    },
  },
  {
    name: 'fate: under a supervisor that comes back, the first start is a restart',
    check: (minds) => {
      const world = new World(minds, over([worker('a')])).boot('restart')
      expect(world.report('started')).toMatchObject([{ name: 'a', attempt: 'restart' }])
    },
  },
  {
    name: 'fate: an old incarnation can say what it likes',
    check: (minds) => {
      const world = trio(minds, 'one-for-one')
      const old = world.run('a')!
      world.exit('a')
      world.news()
      world.tell({ is: 'exited', name: 'a', run: old, reason: CRASH })
      world.tell({ is: 'startFailed', name: 'a', run: old, reason: CRASH })
      world.tell({ is: 'exited', name: 'nobody', run: 1, reason: CRASH })
      expect([world.news(), world.phases]).toEqual([[], ['c running', 'b running', 'a running']])
    },
  },
]

const scale: Case[] = [
  {
    name: 'scale_start_stop_many_children: 1,000 start in order and stop in reverse',
    check: (minds) => {
      const names = Array.from({ length: 1_000 }, (_, i) => `c${i}`)
      const world = new World(minds, over(names.map((name) => worker(name)))).boot()
      expect(world.news()).toEqual([...names.map((name) => `start ${name}`), 'ready'])
      expect(world.stop().news()).toEqual([...names.map((name) => `stop ${name}`).reverse(), 'end'])
    },
  },
]

export const staticCases: readonly Case[] = [
  ...startAndStop,
  ...ends,
  ...afterEnds,
  ...strategies,
  ...intensities,
  ...restarting,
  ...requests,
  ...significant,
  ...fates,
  ...scale,
]
