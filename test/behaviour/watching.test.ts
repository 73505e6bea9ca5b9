import { type ActorRef, describeExit } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Partner } from '../actors/partner.ts'
import type { Recorder } from '../actors/recorder.ts'
import { Relay } from '../actors/relay.ts'
import { ThrowsInConstructor } from '../actors/starters.ts'
import { Victim } from '../actors/victim.ts'
import { Watcher } from '../actors/watcher.ts'
import { collect, eventually, range, rejection, startSystem } from './scene.ts'

async function heardAtLast(watcher: ActorRef<Watcher>, last: unknown): Promise<unknown[]> {
  return eventually(async () => {
    const heard = await watcher.ask.heard()
    expect(heard.at(-1)).toEqual(last)
    return heard
  })
}

test('G9: a watcher hears of the end of an address once, with the reason, and not of restarts', async () => {
  const system = await startSystem()
  const [watcher, target] = [await system.spawn(Watcher), await system.spawn(Victim, { name: 'target', restart: 'transient' })]
  await watcher.ask.watchNow(target)
  await watcher.ask.watchNow(target)
  await system.kill(target)
  expect(await target.ask.note('restarted')).toBe(2)
  await target.ask.end()
  await system.terminated(target)
  expect(await heardAtLast(watcher, '/user/target normal')).toEqual(['/user/target normal'])
})

test('G9: each reason arrives as what it is', async () => {
  const system = await startSystem()
  const watcher = await system.spawn(Watcher)
  const ends: [string, (ref: ActorRef<Victim>) => unknown, string][] = [
    ['stopped', (ref) => system.stopActor(ref), 'shutdown'],
    ['normal', (ref) => ref.tell.end(), 'normal'],
    ['killed', (ref) => system.kill(ref), 'killed'],
    ['crashed', (ref) => ref.tell.fail('no'), 'error: RangeError: no'],
    ['exited', (ref) => ref.tell.exit(5), 'process.exit(5)'],
  ]
  for (const [name, end, expected] of ends) {
    const target = await system.spawn(Victim, { name, restart: 'temporary' })
    await watcher.ask.watchNow(target)
    const ended = system.terminated(target)
    await end(target)
    expect(describeExit(await ended)).toBe(expected)
    await heardAtLast(watcher, `/user/${name} ${expected}`)
  }
  expect(await watcher.ask.heard()).toHaveLength(ends.length)
})

test.for(['kill', 'crash', 'stop'] as const)('G9: the notice comes after every message that the dead had sent (%s)', async (how) => {
  const system = await startSystem()
  const watcher = await system.spawn(Watcher)
  const target = await system.spawn(Relay, { name: 'target', restart: 'temporary' })
  const gate = await system.spawn(Gate)
  await watcher.ask.watchNow(target)
  // The watcher is busy, so that all of it is still waiting when the target ends.
  watcher.tell.unwatchLate(gate, gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const accepted = await target.ask.flood(watcher as unknown as ActorRef<Recorder>, 5_000)
  const ended = system.terminated(target)
  if (how === 'kill') await system.kill(target)
  if (how === 'crash') target.tell.flood(undefined as never, 1)
  if (how === 'stop') await system.stopActor(target)
  await ended
  gate.tell.open()
  const heard = await eventually(async () => {
    const now = await watcher.ask.heard()
    expect(now).toHaveLength(accepted + 1)
    return now
  })
  expect(heard.slice(0, -1)).toEqual(range(accepted))
  expect(heard.at(-1)).toMatch(/^\/user\/target /)
})

test('G9: watching what has ended already is answered at once, with the reason', async () => {
  const system = await startSystem()
  const [watcher, target] = [await system.spawn(Watcher), await system.spawn(Victim, { name: 'target', restart: 'temporary' })]
  await system.kill(target)
  await watcher.ask.watchNow(target)
  await heardAtLast(watcher, '/user/target killed')
  expect(await system.terminated(target)).toEqual({ kind: 'killed' })
  await watcher.ask.watchNow(target)
  await eventually(async () => expect(await watcher.ask.heard()).toEqual(['/user/target killed', '/user/target killed']))
})

test('G9: after unwatch no notice comes, even if it was on its way', async () => {
  const system = await startSystem()
  const watcher = await system.spawn(Watcher)
  const [gate, target, other] = [await system.spawn(Gate), await system.spawn(Victim), await system.spawn(Victim, { name: 'other' })]
  for (const ref of [target, other]) await watcher.ask.watchNow(ref)
  watcher.tell.unwatchLate(gate, target)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await system.stopActor(target)
  await system.stopActor(other)
  gate.tell.open()
  expect(await heardAtLast(watcher, '/user/other shutdown')).toEqual(['/user/other shutdown'])
  await watcher.ask.unwatchNow(target)
  expect(await watcher.ask.heard()).toEqual(['/user/other shutdown'])
})

test('G9: a watch belongs to the incarnation: a watcher that restarts asks anew', async () => {
  const system = await startSystem()
  const [watcher, target] = [await system.spawn(Watcher), await system.spawn(Victim, { name: 'target' })]
  const other = await system.spawn(Victim, { name: 'other' })
  await watcher.ask.watchNow(target)
  await system.kill(watcher)
  // Its first watch has the same number as that of its predecessor had.
  await watcher.ask.watchNow(other)
  await system.stopActor(target)
  await system.stopActor(other)
  expect(await heardAtLast(watcher, '/user/other shutdown')).toEqual(['/user/other shutdown'])
})

test('G9: a watch in onStart is a watch, also of what has ended, and a successor asks anew by itself', async () => {
  const system = await startSystem()
  const [living, dead] = [await system.spawn(Victim, { name: 'living' }), await system.spawn(Victim, { name: 'dead' })]
  await system.stopActor(dead)
  const late = await system.spawn(Watcher, { args: [dead] })
  await heardAtLast(late, '/user/dead shutdown')
  const early = await system.spawn(Watcher, { args: [living] })
  await system.kill(early)
  expect(await early.ask.heard()).toEqual([])
  await system.stopActor(living)
  expect(await heardAtLast(early, '/user/living shutdown')).toEqual(['/user/living shutdown'])
})

test('G9: each of many watchers hears it once, and so does the host each time it asks', async () => {
  const system = await startSystem()
  const watchers = await Promise.all(range(5).map(() => system.spawn(Watcher)))
  const target = await system.spawn(Victim, { name: 'target' })
  await Promise.all(watchers.map((watcher) => watcher.ask.watchNow(target)))
  const asked = range(5).map(() => system.terminated(target))
  await system.stopActor(target)
  expect(await Promise.all(asked)).toEqual(range(5).map(() => ({ kind: 'shutdown' })))
  for (const watcher of watchers) expect(await heardAtLast(watcher, '/user/target shutdown')).toHaveLength(1)
})

test('G9: two that watch each other: the survivor hears it', async () => {
  const system = await startSystem()
  const a = await system.spawn(Watcher, { name: 'a', restart: 'temporary' })
  const b = await system.spawn(Watcher, { name: 'b', restart: 'temporary' })
  await a.ask.watchNow(b)
  await b.ask.watchNow(a)
  await system.kill(a)
  await heardAtLast(b, '/user/a killed')
  expect(await rejection(a.ask.heard())).toMatchObject({ code: 'TROUPE_ACTOR_STOPPED' })
})

test('G9: the name is free when the notice comes', async () => {
  const system = await startSystem()
  for (const i of range(10)) {
    const target = await system.spawn(Victim, { name: 'target' })
    const ended = system.terminated(target)
    void system.stopActor(target)
    await ended
    expect(await system.lookup('/user/target'), `round ${i}`).toBe(undefined)
  }
})

async function heardAll(partner: ActorRef<Partner>, expected: readonly unknown[]): Promise<void> {
  await eventually(async () => expect(await partner.ask.heard()).toHaveLength(expected.length))
  expect(await partner.ask.heard()).toEqual(expected)
}

test('G9: who asks for it hears of each incarnation’s end once, and then of the address’s', async () => {
  const system = await startSystem()
  const watcher = await system.spawn(Partner, { name: 'watcher' })
  const target = await system.spawn(Victim, { name: 'target', restart: 'transient' })
  await watcher.ask.watchAll(target, false)
  await watcher.ask.watchAll(target, true)
  await watcher.ask.watchAll(target, true)
  await watcher.ask.watchAll(target, false)
  await system.kill(target)
  expect(await target.ask.note('restarted')).toBe(2)
  target.tell.fail('once more')
  await eventually(async () => expect(await target.ask.note('restarted')).toBe(3))
  await target.ask.end()
  await heardAll(watcher, [
    'incarnationEnded /user/target#1 killed',
    'incarnationEnded /user/target#2 error: RangeError: once more',
    'incarnationEnded /user/target#3 normal',
    'terminated /user/target normal',
  ])
})

test('G9: the notice of an incarnation’s end comes after what that incarnation had sent, and before what the next one sends', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const watcher = await system.spawn(Partner, { name: 'watcher' })
  const target = await system.spawn(Partner, { name: 'target' })
  await watcher.ask.watchAll(target, true)
  watcher.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  target.tell.flood(watcher, 1_000, true)
  await eventually(async () => expect(await target.ask.incarnation()).toBe(2))
  gate.tell.open()
  await heardAll(watcher, [...range(1_000), 'incarnationEnded /user/target#1 error: RangeError: flooded'])
  await target.ask.flood(watcher, 1)
  await heardAll(watcher, [...range(1_000), 'incarnationEnded /user/target#1 error: RangeError: flooded', 0])
})

test('G9: an incarnation that ends before the system knows of the watch is told; after unwatch none is', async () => {
  const system = await startSystem()
  for (const round of range(10)) {
    const watcher = await system.spawn(Partner, { name: `watcher-${round}` })
    const target = await system.spawn(Partner, { name: `target-${round}` })
    watcher.tell.watchAndFell(target)
    await heardAll(watcher, [`incarnationEnded ${target.path}#1 error: RangeError: felled`])
    await watcher.ask.unwatchAll(target)
    await system.kill(target)
    await eventually(async () => expect(await target.ask.incarnation()).toBe(3))
    await system.stopActor(target)
    // A stop that meets a start which its supervisor has not heard of yet is a kill.
    const reason = describeExit(await system.terminated(target))
    await watcher.ask.watchAll(target, true)
    const last = [`incarnationEnded ${target.path}#3 ${reason}`, `terminated ${target.path} ${reason}`]
    await heardAll(watcher, [`incarnationEnded ${target.path}#1 error: RangeError: felled`, ...last])
  }
})

test('G9: a start that fails leaves no name, a hundred times', async () => {
  const system = await startSystem()
  for (const i of range(100)) {
    await rejection(system.spawn(ThrowsInConstructor, { name: 'never' }))
    expect(await system.lookup('/user/never'), `round ${i}`).toBe(undefined)
  }
  const ref = await system.spawn(Victim, { name: 'never' })
  expect(await system.lookup('/user/never')).toBe(ref)
})

test('a name that is used again is a new address: its watchers, links and refs are those of the old one', async () => {
  const system = await startSystem()
  const watcher = await system.spawn(Partner, { name: 'watcher' })
  const first = await system.spawn(Partner, { name: 'target' })
  await watcher.ask.watchAll(first, true)
  await system.stopActor(first)
  await heardAll(watcher, ['incarnationEnded /user/target#1 shutdown', 'terminated /user/target shutdown'])
  const second = await system.spawn(Partner, { name: 'target' })
  expect(second).not.toBe(first)
  expect(first.tell.note('lost')).toBe(false)
  expect(await rejection(first.ask.incarnation())).toMatchObject({ code: 'TROUPE_ACTOR_STOPPED' })
  await watcher.ask.watchAll(second, false)
  await system.kill(second)
  await eventually(async () => expect(await second.ask.incarnation()).toBe(2))
  await watcher.ask.watchAll(first, false)
  await eventually(async () => expect(await watcher.ask.heard()).toHaveLength(3))
  expect((await watcher.ask.heard()).at(-1)).toBe('terminated /user/target shutdown')
})

test('watches, links and groups: what is no ref is refused by name, and nothing ends', async () => {
  const system = await startSystem()
  const partner = await system.spawn(Partner, { name: 'partner' })
  const ended = collect(system, 'exited')
  expect((await rejection(partner.ask.watchWith(partner, { incarnation: true } as never))).message).toContain(
    "Did you mean 'incarnations'?",
  )
  for (const wrong of ['/user/partner', undefined, { path: '/user/partner' }] as unknown as ActorRef<Partner>[]) {
    for (const call of [
      partner.ask.watchAll(wrong, false),
      partner.ask.unwatchAll(wrong),
      partner.ask.linkTo(wrong),
      partner.ask.unlinkFrom(wrong),
    ])
      expect((await rejection(call)).message).toMatch(/^this is not an actor ref\. /)
    const group = await system.group<Partner>('pair')
    expect((await rejection(group.join(wrong))).message).toMatch(/^this is not an actor ref\. /)
    expect((await rejection(group.leave(wrong))).message).toMatch(/^this is not an actor ref\. /)
  }
  expect(ended).toEqual([])
})
