import { expect } from 'vitest'
import type { Case } from './decision-cases.ts'
import type { Minds } from './minds.ts'
import { dynamic, over, worker } from './specs.ts'
import { CRASH, KILLED, NO_START, NORMAL, SHUTDOWN, World } from './world.ts'

const OK = { ok: true }
const REFUSED = (why: string) => ({ ok: false, why })
const NO = { ok: false, why: 'startFailed', reason: NO_START }
const limit = (restarts: number, withinMs = 3_600_000) => ({ intensity: { restarts, withinMs } })

const withChildren = (minds: Minds, names: readonly string[], options = {}) => {
  const world = new World(minds, dynamic(options)).boot()
  for (const name of names) world.startChild(worker(name))
  world.news()
  return world
}

const life: Case[] = [
  {
    name: 'child_adm_simple: the whole life of a dynamic child',
    check: (minds) => {
      const world = new World(minds, dynamic()).boot()
      expect([world.ready, world.counts]).toEqual([true, [0, 0, 0, 0]])
      expect([world.startChild(worker('a')), world.counts]).toEqual([OK, [1, 1, 0, 1]])
      expect([world.startChild(worker('b')), world.counts]).toEqual([OK, [2, 2, 0, 2]])
      expect(world.startChild(worker('a'))).toEqual(REFUSED('alreadyStarted'))
      expect(world.terminateChild('c')).toEqual(REFUSED('notFound'))
      expect(world.restartChild('a')).toEqual(REFUSED('dynamic'))
      expect(world.deleteChild('a')).toEqual(REFUSED('dynamic'))
      expect([world.terminateChild('a'), world.counts]).toEqual([OK, [1, 1, 0, 1]])
      expect(world.terminateChild('a')).toEqual(REFUSED('notFound'))
      expect(world.startChild(worker('a'))).toEqual(OK)
      world.stop()
      expect([world.startChild(worker('d')), world.terminateChild('a')]).toEqual([
        REFUSED('supervisorStopped'),
        REFUSED('supervisorStopped'),
      ])
    },
  },
  {
    name: 'sup_start_child_returns_error_simple: nothing is kept of a child that did not start',
    check: (minds) => {
      const world = new World(minds, dynamic()).boot()
      world.failing.set('a', 1)
      expect([world.startChild(worker('a')), world.counts, world.retries]).toEqual([NO, [0, 0, 0, 0], []])
      expect(world.report('startFailed')).toMatchObject([{ name: 'a', fate: 'ended' }])
      expect(world.startChild(worker('a'))).toEqual(OK)
    },
  },
  {
    name: 'dynamic: starts run side by side, and each is answered for itself',
    check: (minds) => {
      const world = new World(minds, dynamic()).boot()
      world.holdStarts = true
      for (const name of ['a', 'b', 'c']) world.startChild(worker(name))
      expect(world.news()).toEqual(['ready', 'start a', 'start b', 'start c'])
      world.startFailed('c')
      world.started('b')
      expect([...world.replies]).toEqual([
        [3, NO],
        [2, OK],
      ])
      expect(world.phases).toEqual(['b running', 'a starting'])
    },
  },
  {
    name: 'dynamic: maxChildren counts those that start and restart as well',
    check: (minds) => {
      const world = withChildren(minds, ['a'], { maxChildren: 2 })
      world.holdStarts = true
      world.startChild(worker('b'))
      world.exit('a')
      expect(world.startChild(worker('c'))).toEqual(REFUSED('maxChildren'))
      world.startFailed('b')
      world.startChild(worker('c'))
      world.started('c')
      expect(world.replies.get(world.requests)).toEqual(OK)
    },
  },
  {
    name: 'which_children_simple_one_for_one: newest first, and nothing of what has ended',
    check: (minds) => {
      const world = withChildren(minds, ['a', 'b'])
      world.startChild(over([], {}))
      world.exit('a', KILLED)
      expect(world.phases).toEqual(['top running', 'b running', 'a running'])
      expect(world.counts).toEqual([3, 3, 1, 2])
      world.terminateChild('b')
      expect(world.phases).toEqual(['top running', 'a running'])
      expect(world.which()[1]).toEqual({ name: 'a', kind: 'actor', phase: 'running', restarts: 1, lastExit: KILLED })
    },
  },
  ...(
    [
      ['permanent', NORMAL, true],
      ['permanent', SHUTDOWN, true],
      ['permanent', CRASH, true],
      ['transient', NORMAL, false],
      ['transient', SHUTDOWN, false],
      ['transient', CRASH, true],
      ['temporary', NORMAL, false],
      ['temporary', CRASH, false],
    ] as const
  ).map(([restart, reason, restarted]) => ({
    name: `dynamic_${restart}_${reason.kind}: ${restarted ? 'restarted' : 'gone, and the name is free'}`,
    check: (minds: Minds) => {
      const world = new World(minds, dynamic()).boot()
      world.startChild(worker('a', { restart }))
      world.exit('a', reason)
      expect(world.counts).toEqual(restarted ? [1, 1, 0, 1] : [0, 0, 0, 0])
      expect(world.report('exited')).toMatchObject([{ fate: restarted ? 'restarts' : 'ended' }])
      expect(world.startChild(worker('a'))).toEqual(restarted ? REFUSED('alreadyStarted') : OK)
    },
  })),
  {
    name: 'simple_one_for_one_corruption, do_not_save_start_parameters: the arguments of a temporary child are let go',
    check: (minds) => {
      for (const [restart, kept] of [
        ['temporary', 0],
        ['transient', 1],
        ['permanent', 1],
      ] as const) {
        const state = minds.dynamicState(dynamic())
        const spec = { ...worker('a', { restart }), args: ['x'.repeat(50_000)] }
        minds.decideDynamic(state, { atMs: 0, is: 'startChild', id: 1, spec })
        minds.decideDynamic(state, { atMs: 0, is: 'started', name: 'a', run: 1 })
        expect((state.children.get('a')!.spec as typeof spec).args).toHaveLength(kept)
      }
    },
  },
]

const restarts: Case[] = [
  {
    name: 'simple_one_for_one: the other keeps its run; three crashes are too many for 2, and all end with shutdown',
    check: (minds) => {
      const world = withChildren(minds, ['a', 'b'], limit(2))
      const [a, b] = [world.run('a'), world.run('b')]
      world.exit('a')
      expect([world.run('a') !== a, world.run('b')]).toEqual([true, b])
      world.exit('b').exit('a')
      expect([world.ended, world.log.slice(-2)]).toEqual([SHUTDOWN, ['stop b', 'end']])
      expect(world.report('gaveUp')).toMatchObject([{ name: 'a', reason: CRASH, restarts: 2, whole: true }])
    },
  },
  {
    name: 'simple_one_for_one_escalation: a start that always fails uses the limit up',
    check: (minds) => {
      const world = withChildren(minds, ['a', 'b'], limit(4))
      world.failing.set('a', Number.POSITIVE_INFINITY)
      world.exit('a').settle()
      const tries = Array.from({ length: 4 }, () => ['start a', 'post a']).flat()
      expect(world.news()).toEqual([...tries, 'stop b', 'end'])
      expect(world.ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: "per child: one that exceeds its limit ends alone, with its last reason; the others' counts are their own",
    check: (minds) => {
      const world = withChildren(minds, ['a', 'b'], { per: 'child', ...limit(2) })
      world.exit('a').exit('a').exit('b').exit('b').exit('a', KILLED)
      expect([world.ended, world.phases]).toEqual([undefined, ['b running']])
      expect(world.report('exited').at(-1)).toMatchObject({ name: 'a', reason: KILLED, fate: 'ended' })
      expect(world.report('gaveUp')).toEqual([
        { kind: 'gaveUp', name: 'a', reason: KILLED, restarts: 2, withinMs: 3_600_000, whole: false },
      ])
      expect(world.startChild(worker('a'))).toEqual(OK)
      expect(world.exit('a').phases).toEqual(['a running', 'b running'])
    },
  },
  {
    name: 'per child: failed starts count, and the window slides',
    check: (minds) => {
      const world = withChildren(minds, ['a'], { per: 'child', ...limit(2, 1_000) })
      world.failing.set('a', 4)
      world.exit('a')
      for (world.nowMs = 600; world.nowMs <= 2_400; world.nowMs += 600) world.turn()
      expect(world.phases).toEqual(['a running'])
      world.failing.set('a', 9)
      expect(world.exit('a').settle().phases).toEqual([])
      expect(world.report('stopped')).toMatchObject([{ name: 'a', fate: 'ended' }])
    },
  },
  {
    name: 'dynamic: the retry is posted; a terminated child is not retried, and its name is free at once',
    check: (minds) => {
      const world = withChildren(minds, ['a'])
      world.failing.set('a', 1)
      world.exit('a')
      expect([world.news(), world.phases]).toEqual([['start a', 'post a'], ['a restarting']])
      expect([world.terminateChild('a'), world.phases]).toEqual([OK, []])
      expect(world.startChild(worker('a'))).toEqual(OK)
      world.news()
      expect(world.turn().news()).toEqual([])
    },
  },
]

const stops: Case[] = [
  {
    name: 'sup_stop_dynamic: all are stopped side by side, and what restarts is dropped',
    check: (minds) => {
      const world = withChildren(minds, ['a', 'b', 'c'])
      world.failing.set('b', 1)
      world.exit('b')
      world.holdStops = true
      world.news()
      world.stop()
      expect(world.news()).toEqual(['stop a', 'stop c'])
      world.stopped('a', CRASH)
      world.exit('c')
      expect([world.news(), world.ended, world.turn().news()]).toEqual([['end'], SHUTDOWN, []])
      expect(world.report('stopped').map(({ name, fate, expected }) => [name, fate, expected])).toEqual([
        ['b', 'ended', true],
        ['a', 'ended', false],
        ['c', 'ended', false],
      ])
    },
  },
  {
    name: 'sup_stop_dynamic: starts under way are cancelled, and who asked is answered',
    check: (minds) => {
      const world = new World(minds, dynamic()).boot()
      world.holdStarts = true
      world.startChild(worker('a'))
      world.startChild(worker('b'))
      world.stop()
      expect(world.news()).toEqual(['ready', 'start a', 'start b', 'cancel a', 'cancel b'])
      world.startFailed('a')
      world.started('b')
      expect(world.news()).toEqual(['stop b', 'end'])
      expect([...world.replies.values()]).toEqual([REFUSED('supervisorStopped'), REFUSED('supervisorStopped')])
    },
  },
  ...(['permanent', 'transient', 'temporary'] as const).map((restart) => ({
    name: `sup_stop_non_shutdown_exit_dynamic: ${restart} children may end as they like`,
    check: (minds: Minds) => {
      for (const reason of [NORMAL, SHUTDOWN, CRASH, KILLED]) {
        const world = new World(minds, dynamic()).boot()
        for (const name of ['a', 'b', 'c']) world.startChild(worker(name, { restart }))
        world.stopsWith = () => reason
        expect(world.stop().ended).toEqual(SHUTDOWN)
      }
    },
  })),
  {
    name: 'sup_stop_brutal_kill_dynamic: a kill reaches all, also those that were asked before',
    check: (minds) => {
      const names = Array.from({ length: 10 }, (_, i) => `c${i}`)
      const world = withChildren(minds, names)
      world.holdStops = true
      world.terminateChild('c0')
      world.stop().stop('kill')
      expect(world.news().filter((line) => line.startsWith('kill'))).toHaveLength(10)
      for (const name of names) world.stopped(name, KILLED)
      expect([world.ended, world.report('stopped').every(({ expected }) => expected)]).toEqual([KILLED, true])
    },
  },
  {
    name: 'terminate_dynamic: while it starts, it ends as soon as it can, and both who asked are answered',
    check: (minds) => {
      const world = new World(minds, dynamic()).boot()
      world.holdStarts = true
      world.startChild(worker('a'))
      world.terminateChild('a')
      world.terminateChild('a')
      world.started('a')
      expect(world.news()).toEqual(['ready', 'start a', 'cancel a', 'cancel a', 'stop a'])
      expect([...world.replies.values()]).toEqual([{ ok: false, why: 'startFailed', reason: SHUTDOWN }, OK, OK])
      expect(world.counts).toEqual([0, 0, 0, 0])
    },
  },
  {
    name: 'terminate_dynamic: one that dies by itself meanwhile is not restarted',
    check: (minds) => {
      const world = withChildren(minds, ['a'])
      world.holdStops = true
      world.terminateChild('a')
      world.exit('a')
      expect([world.phases, world.replies.get(2), world.retries]).toEqual([[], OK, []])
    },
  },
]

const scale: Case[] = (
  [
    ['count_children', (name: string) => worker(name, { restart: 'temporary' }), (n: number) => [n, n, 0, n]],
    ['count_children_supervisor', (name: string) => over([], { name, restart: 'temporary' }), (n: number) => [n, n, n, 0]],
  ] as const
).map(([name, spec, counts]) => ({
  name: `${name}: 1,000 and then 2,000, and none when all were killed`,
  check: (minds: Minds) => {
    const world = new World(minds, dynamic()).boot()
    const more = (from: number, to: number) => {
      for (let i = from; i < to; i++) world.startChild(spec(`c${i}`))
    }
    more(0, 1_000)
    expect([world.counts, world.counts]).toEqual([counts(1_000), counts(1_000)])
    more(1_000, 2_000)
    expect(world.counts).toEqual(counts(2_000))
    for (let i = 0; i < 2_000; i++) world.exit(`c${i}`, KILLED)
    expect(world.counts).toEqual([0, 0, 0, 0])
  },
}))

export const dynamicCases: readonly Case[] = [...life, ...restarts, ...stops, ...scale]
