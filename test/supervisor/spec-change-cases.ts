import { expect } from 'vitest'
import type { AutoShutdown, Restart } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type { Case } from './decision-cases.ts'
import type { Minds } from './minds.ts'
import { dynamic, over, worker } from './specs.ts'
import { CRASH, NORMAL, SHUTDOWN, World } from './world.ts'

const OK = { ok: true }
const REFUSED = (why: string, more = {}) => ({ ok: false, why, ...more })

/** A significant child s, and another one, under a supervisor that changes its mind from one automatic shutdown to the other. */
const changed = (minds: Minds, from: AutoShutdown, to: AutoShutdown, restart: Restart = 'transient') => {
  const kids = (heeded: boolean) => ['s', 't', 'other'].map((name) => worker(name, { restart, significant: heeded && name !== 'other' }))
  const world = new World(minds, over(kids(from !== 'never'), { autoShutdown: from })).boot()
  world.changeSpec(over(kids(from !== 'never' || to !== 'never'), { autoShutdown: to }))
  return world
}

const flags: Case[] = [
  {
    name: 'code_change: new flags hold at once',
    check: (minds) => {
      const kids = [worker('a'), worker('b'), worker('c')]
      const world = new World(minds, over(kids, { intensity: { restarts: 0, withinMs: 10 } })).boot()
      world.news()
      expect(world.changeSpec(over(kids, { strategy: 'one-for-all' }))).toEqual(OK)
      expect([world.news(), world.exit('b').news()]).toEqual([[], ['stop c', 'stop a', 'start a', 'start b', 'start c']])
      world.changeSpec(over(kids, { intensity: { restarts: 0, withinMs: 10 } }))
      expect(world.exit('a').ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'code_change: new specs are not started, removed ones are kept behind the others, and what is in both goes on',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b'), worker('c')])).boot()
      world.news()
      const [b, c] = [world.run('b'), world.run('c')]
      world.changeSpec(over([worker('n'), worker('c'), worker('b')]))
      expect([world.news(), world.run('b'), world.run('c')]).toEqual([[], b, c])
      expect(world.phases).toEqual(['a running', 'b running', 'c running', 'n stopped'])
      expect([world.restartChild('n'), world.restartChild('a')]).toEqual([OK, REFUSED('running')])
      expect(world.report('started').at(-1)).toMatchObject({ name: 'n', attempt: 'initial' })
      world.news()
      expect(world.stop().news()).toEqual(['stop a', 'stop b', 'stop c', 'stop n', 'end'])
    },
  },
  {
    name: 'code_change: a removed child ends with its supervisor, a new one comes back with it',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b')])).boot()
      world.changeSpec(over([worker('b'), worker('n')]))
      world.restartChild('n')
      world.stop()
      expect(world.report('stopped').map(({ name, fate }) => [name, fate])).toEqual([
        ['a', 'ended'],
        ['n', 'parent-decides'],
        ['b', 'parent-decides'],
      ])
    },
  },
  {
    name: 'code_change: a group restart starts the new specs of the group',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b')], { strategy: 'rest-for-one' })).boot()
      world.changeSpec(over([worker('a'), worker('n'), worker('b')], { strategy: 'rest-for-one' }))
      world.news()
      expect(world.exit('b').news()).toEqual(['start b'])
      expect(world.exit('a').news()).toEqual(['stop b', 'start a', 'start n', 'start b'])
    },
  },
  {
    name: 'code_change_map: a child has its new spec from its next start or stop on',
    check: (minds) => {
      const world = new World(minds, over([worker('a', { shutdownMs: 2_000 }), worker('b')])).boot()
      world.changeSpec(over([worker('a', { shutdownMs: 1_000, restart: 'temporary' }), worker('b', { restart: 'transient' })]))
      expect(world.exit('b', NORMAL).phases).toEqual(['b stopped', 'a running'])
      expect(world.exit('a', CRASH).phases).toEqual(['b stopped'])
    },
  },
  {
    name: 'code_change: a child is of one kind, and a supervisor too',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b')])).boot()
      const before = world.phases
      expect(world.changeSpec(over([worker('b'), dynamic({ name: 'a' })]))).toEqual(REFUSED('otherKind', { name: 'a' }))
      expect(world.changeSpec(dynamic())).toMatchObject(REFUSED('otherKind'))
      expect(world.phases).toEqual(before)
    },
  },
  {
    name: 'code_change: it waits until what is under way is done, and is refused by one that ends',
    check: (minds) => {
      const world = new World(minds, over([worker('a'), worker('b')], { strategy: 'one-for-all' })).boot()
      world.holdStarts = true
      world.exit('a')
      expect(world.changeSpec(over([worker('b')]))).toBe(undefined)
      world.started('a')
      world.started('b')
      expect([world.replies.get(1), world.phases]).toEqual([OK, ['a running', 'b running']])
      world.stop()
      expect(world.changeSpec(over([]))).toEqual(REFUSED('supervisorStopped'))
    },
  },
  {
    name: 'code_change: what a supervisor among the children has become is what is started next',
    check: (minds) => {
      const inner = (restarts: number) => over([], { name: 'inner', intensity: { restarts, withinMs: 1 } })
      const world = new World(minds, over([inner(1)])).boot()
      world.tell({ is: 'adopt', spec: inner(2) })
      world.tell({ is: 'adopt', spec: worker('nobody') })
      world.tell({ is: 'adopt', spec: worker('inner') })
      world.holdStarts = true
      const specs: unknown[] = []
      world.onStart = (spec) => specs.push(spec)
      world.exit('inner')
      expect(specs).toEqual([inner(2)])
    },
  },
  {
    name: 'code_change_simple: the limits of a dynamic supervisor change, its children live on',
    check: (minds) => {
      const world = new World(minds, dynamic({ maxChildren: 2 })).boot()
      for (const name of ['a', 'b']) world.startChild(worker(name))
      expect(world.startChild(worker('c'))).toEqual(REFUSED('maxChildren'))
      expect(world.changeSpec(dynamic({ maxChildren: 3, intensity: { restarts: 0, withinMs: 1 } }))).toEqual(OK)
      expect([world.startChild(worker('c')), world.phases.length]).toEqual([OK, 3])
      expect(world.changeSpec(dynamic({ maxChildren: 1, intensity: { restarts: 0, withinMs: 1 } }))).toEqual(OK)
      expect([world.startChild(worker('d')), world.counts]).toEqual([REFUSED('maxChildren'), [3, 3, 0, 3]])
      expect(world.exit('a').ended).toEqual(SHUTDOWN)
    },
  },
  {
    name: 'code_change_simple_map: a dynamic supervisor does not become a static one',
    check: (minds) => {
      const world = new World(minds, dynamic()).boot()
      expect(world.changeSpec(over([]))).toMatchObject(REFUSED('otherKind'))
    },
  },
]

/** Which of s and t must end, from one rule to the other, until the supervisor does. undefined: it lives on. */
const UPGRADES: readonly (readonly [name: string, from: AutoShutdown, to: AutoShutdown, after: readonly string[] | undefined])[] = [
  ['significant_upgrade_never_any', 'never', 'any-significant', ['s']],
  ['significant_upgrade_any_never', 'any-significant', 'never', undefined],
  ['significant_upgrade_never_all', 'never', 'all-significant', ['s', 't']],
  ['significant_upgrade_all_never', 'all-significant', 'never', undefined],
  ['significant_upgrade_any_all', 'any-significant', 'all-significant', ['s', 't']],
  ['significant_upgrade_all_any', 'all-significant', 'any-significant', ['s']],
]

const upgrades: Case[] = UPGRADES.flatMap(([name, from, to, after]) =>
  (['transient', 'temporary'] as const).map((restart) => ({
    name: `${name} (${restart})`,
    check: (minds: Minds) => {
      const world = changed(minds, from, to, restart)
      expect([world.ended, world.phases.length]).toEqual([undefined, 3])
      for (const one of ['s', 't']) {
        if (world.ended === undefined) world.exit(one, NORMAL)
        expect(world.ended !== undefined).toBe(after !== undefined && after.at(-1)! <= one)
      }
      if (after === undefined && restart === 'transient') expect(world.restartChild('s')).toEqual(OK)
    },
  })),
)

const upgradedChild: Case = {
  name: 'significant_upgrade_child: it counts as soon as it is significant, and not any more when it is not',
  check: (minds) => {
    const kids = (significant: boolean) => [worker('s', { restart: 'transient', significant }), worker('other')]
    for (const becomes of [true, false]) {
      const world = new World(minds, over(kids(!becomes), { autoShutdown: 'any-significant' })).boot()
      world.changeSpec(over(kids(becomes), { autoShutdown: 'any-significant' }))
      expect(world.exit('s', NORMAL).ended !== undefined).toBe(becomes)
    }
  },
}

export const specChangeCases: readonly Case[] = [...flags, ...upgrades, upgradedChild]
