import { type ActorRef, child, describeExit, type ExitReason, supervisor } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Partner, TrappingPartner } from '../actors/partner.ts'
import { collect, eventually, isInline, next, range, startSystem } from './scene.ts'

type System = Awaited<ReturnType<typeof startSystem>>

const temporary = { restart: 'temporary' } as const

async function heardAtLast(ref: ActorRef<Partner>, last: unknown): Promise<unknown[]> {
  return eventually(async () => {
    const heard = await ref.ask.heard()
    expect(heard.at(-1)).toEqual(last)
    return heard
  })
}

async function pair(system: System, options: { readonly restart: 'permanent' | 'transient' | 'temporary' } = temporary) {
  const a = await system.spawn(Partner, { name: 'a', ...options })
  const b = await system.spawn(Partner, { name: 'b', ...options })
  await a.ask.linkTo(b)
  return { a, b }
}

/** How each way to end reaches a partner that does not trap exits, and one that does. */
const ends: readonly [string, (system: System, ref: ActorRef<Partner>) => unknown, string, boolean][] = [
  ['a throw', (_, ref) => ref.tell.fail('no'), 'error: RangeError: no', true],
  ['a kill', (system, ref) => system.kill(ref), 'killed', true],
  ['a stop', (system, ref) => system.stopActor(ref), 'shutdown', true],
  ['its own end', (_, ref) => ref.tell.end(), 'normal', false],
]

test.for(ends)('G9: links: %s ends who is linked to it, but for normal, and not the others', async ([_, end, text, isFatal]) => {
  const system = await startSystem()
  const { a, b } = await pair(system)
  const stranger = await system.spawn(Partner, { name: 'stranger' })
  const [aEnded, bEnded] = [system.terminated(a), system.terminated(b)]
  await end(system, b)
  expect(describeExit(await bEnded)).toBe(text)
  if (isFatal) expect(describeExit(await aEnded)).toBe(`linked to /user/b, which ended: ${text}`)
  else expect(await a.ask.incarnation()).toBe(1)
  expect(await stranger.ask.incarnation()).toBe(1)
})

test.for(ends)('G9: links have no direction: %s of the one that made the link', async ([_, end, text, isFatal]) => {
  const system = await startSystem()
  const { a, b } = await pair(system)
  const [aEnded, bEnded] = [system.terminated(a), system.terminated(b)]
  await end(system, a)
  expect(describeExit(await aEnded)).toBe(text)
  if (isFatal) expect(describeExit(await bEnded)).toBe(`linked to /user/a, which ended: ${text}`)
  else expect(await b.ask.incarnation()).toBe(1)
})

test.for(ends)('G9: links: who traps exits is told of %s once, and lives', async ([_, end, text]) => {
  const system = await startSystem()
  const a = await system.spawn(TrappingPartner, { name: 'a', ...temporary })
  const b = await system.spawn(Partner, { name: 'b', ...temporary })
  await a.ask.linkTo(b, b)
  await b.ask.linkTo(a)
  await end(system, b)
  await heardAtLast(a, `exit /user/b#1 ${text}`)
  expect(await a.ask.heard()).toEqual([`exit /user/b#1 ${text}`])
})

test('G9: links join incarnations: a successor is not linked, and its partner does not hear of its end', async () => {
  const system = await startSystem()
  const a = await system.spawn(TrappingPartner, { name: 'a' })
  const b = await system.spawn(Partner, { name: 'b', restart: 'permanent' })
  await a.ask.linkTo(b)
  await system.kill(b)
  await heardAtLast(a, 'exit /user/b#1 killed')
  expect(await b.ask.incarnation()).toBe(2)
  await system.kill(b)
  expect(await b.ask.incarnation()).toBe(3)
  await a.ask.linkTo(b)
  await system.kill(b)
  expect(await heardAtLast(a, 'exit /user/b#3 killed')).toEqual(['exit /user/b#1 killed', 'exit /user/b#3 killed'])
})

test('G9: links: both come back when their supervisor says so, linked is no clean end', async () => {
  const system = await startSystem()
  const { a, b } = await pair(system, { restart: 'transient' })
  b.tell.fail('no')
  for (const ref of [a, b]) await eventually(async () => expect(await ref.ask.incarnation()).toBe(2))
})

test('G9: links: shutdown of the one is a clean end of the other, as in OTP: transient stays away, permanent comes back', async () => {
  const system = await startSystem()
  const transient = await system.spawn(Partner, { name: 'transient', restart: 'transient' })
  const permanent = await system.spawn(Partner, { name: 'permanent', restart: 'permanent' })
  const hub = await system.spawn(Partner, { name: 'hub' })
  await hub.ask.linkTo(transient, permanent)
  const ended = system.terminated(transient)
  await system.stopActor(hub)
  expect(await ended).toEqual({ kind: 'linked', path: '/user/hub', reason: { kind: 'shutdown' } })
  await eventually(async () => expect(await permanent.ask.incarnation()).toBe(2))
})

test('G9: links: the exit comes after every message that the dead had sent', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const a = await system.spawn(TrappingPartner, { name: 'a' })
  const b = await system.spawn(Partner, { name: 'b', ...temporary })
  await a.ask.linkTo(b)
  a.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const ended = system.terminated(b)
  b.tell.flood(a, 2_000, true)
  await ended
  gate.tell.open()
  const heard = await heardAtLast(a, 'exit /user/b#1 error: RangeError: flooded')
  expect(heard.slice(0, -1)).toEqual(range(2_000))
})

test('G9: links: who ends through a link leaves its mailbox to its successor', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const { a, b } = await pair(system, { restart: 'permanent' })
  const held = a.ask.hold(gate)
  held.catch(() => undefined)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  b.tell.flood(a, 100, true)
  await expect(held).rejects.toMatchObject({ code: 'TROUPE_ACTOR_DOWN', reason: { kind: 'linked', path: '/user/b' } })
  await eventually(async () => expect(await a.ask.heard()).toEqual(range(100)))
  expect(await a.ask.incarnation()).toBe(2)
})

test.skipIf(isInline)('G9: links: an actor that is busy for ever ends with its partner all the same', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const { a, b } = await pair(system)
  const ended = system.terminated(a)
  a.tell.spin(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await system.kill(b)
  expect(await ended).toEqual({ kind: 'linked', path: '/user/b', reason: { kind: 'killed' } })
})

test('G9: links: to what has ended already the exit comes at once, with the reason', async () => {
  const system = await startSystem()
  const dead: [string, ActorRef<Partner>, string][] = []
  for (const [name, end, text] of ends) {
    const ref = await system.spawn(Partner, { name: name.replaceAll(' ', '-'), ...temporary })
    const ended = system.terminated(ref)
    await end(system, ref)
    await ended
    dead.push([ref.path, ref, text])
  }
  const trapping = await system.spawn(TrappingPartner, { name: 'trapping' })
  for (const [path, ref, text] of dead) {
    await trapping.ask.linkTo(ref)
    await heardAtLast(trapping, `exit ${path}#1 ${text}`)
    const mortal = await system.spawn(Partner, { ...temporary })
    const ended = system.terminated(mortal)
    mortal.tell.linkTo(ref)
    if (text === 'normal') expect(await mortal.ask.incarnation()).toBe(1)
    else expect(await ended).toMatchObject({ kind: 'linked', path })
  }
})

test('G9: links: an incarnation that ends before the system knows of the link is not missed', async () => {
  const system = await startSystem()
  const b = await system.spawn(Partner, { name: 'b', restart: 'permanent' })
  for (const i of range(3)) {
    const a = await system.spawn(TrappingPartner, { name: `a${i}` })
    a.tell.linkAndFell(b)
    expect(await heardAtLast(a, `exit /user/b#${i + 1} error: RangeError: felled`)).toHaveLength(1)
  }
})

test('G9: links: a cycle ends as one, each once, and all name who began it', async () => {
  const system = await startSystem()
  const ring = await Promise.all(range(6).map((i) => system.spawn(Partner, { name: `r${i}`, ...temporary })))
  await Promise.all(ring.map((ref, i) => ref.ask.linkTo(ring[(i + 1) % ring.length]!)))
  const exits = collect(system, 'exited')
  const ended = ring.map((ref) => system.terminated(ref))
  ring[2]!.tell.fail('first')
  const reasons = await Promise.all(ended)
  const others = reasons.filter((_, i) => i !== 2)
  expect(describeExit(reasons[2]!)).toBe('error: RangeError: first')
  expect(others.map(describeExit)).toEqual(others.map(() => 'linked to /user/r2, which ended: error: RangeError: first'))
  expect(exits).toHaveLength(6)
})

test('G9: links: after unlink the end of the one is nothing to the other', async () => {
  const system = await startSystem()
  const { a, b } = await pair(system)
  await b.ask.unlinkFrom(a)
  const ended = system.terminated(b)
  b.tell.fail('alone')
  await ended
  expect(await a.ask.incarnation()).toBe(1)
})

test('G9: links: no exit after unlink, even if it was on its way; a link that is made anew is one', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const a = await system.spawn(TrappingPartner, { name: 'a' })
  const [b, c] = [await system.spawn(Partner, { name: 'b', ...temporary }), await system.spawn(Partner, { name: 'c', ...temporary })]
  await a.ask.linkTo(b, c)
  a.tell.unlinkLate(gate, b)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  for (const ref of [b, c]) await system.kill(ref)
  gate.tell.open()
  expect(await heardAtLast(a, 'exit /user/c#1 killed')).toEqual(['exit /user/c#1 killed'])
  const d = await system.spawn(Partner, { name: 'd', ...temporary })
  await a.ask.relink(d)
  await system.kill(d)
  expect(await heardAtLast(a, 'exit /user/d#1 killed')).toHaveLength(2)
})

test('G9: links: an unlink that races with the end either was in time, or was not: never both, never neither', async () => {
  const system = await startSystem()
  const exits = collect(system, 'exited')
  for (const i of range(15)) {
    const [a, b] = await Promise.all([`a${i}`, `b${i}`].map((name) => system.spawn(Partner, { name, ...temporary })))
    await a!.ask.linkTo(b!)
    const ended = system.terminated(b!)
    const unlinked = a!.ask.unlinkFrom(b!).then(
      () => true,
      () => false,
    )
    b!.tell.fail('now')
    await ended
    // Whoever was told that it is unlinked lives on.
    if (await unlinked) expect(await a!.ask.incarnation()).toBe(1)
    else await eventually(() => expect(exits.filter(({ path }) => path === a!.path)).toMatchObject([{ reason: { kind: 'linked' } }]))
    await system.kill(a!)
  }
})

test('G9: links: two that end at the same moment end once each', async () => {
  const system = await startSystem()
  for (const i of range(20)) {
    const exits = collect(system, 'exited')
    const a = await system.spawn(Partner, { name: `a${i}`, ...temporary })
    const b = await system.spawn(Partner, { name: `b${i}`, ...temporary })
    await a.ask.linkTo(b)
    const ended = [system.terminated(a), system.terminated(b)]
    a.tell.fail('at once')
    b.tell.fail('at once')
    const kinds = (await Promise.all(ended)).map(({ kind }: ExitReason) => kind)
    expect(kinds).toContain('error')
    expect(kinds.every((kind) => kind === 'error' || kind === 'linked')).toBe(true)
    expect(exits.filter(({ path }) => path === a.path || path === b.path)).toHaveLength(2)
  }
})

test('G9: links: trapping can be switched off again, and belongs to the incarnation', async () => {
  const system = await startSystem()
  const a = await system.spawn(Partner, { name: 'a', restart: 'permanent' })
  const others = await Promise.all(range(3).map((i) => system.spawn(Partner, { name: `o${i}`, ...temporary })))
  await a.ask.trap()
  await a.ask.linkTo(others[0]!)
  await system.kill(others[0]!)
  await heardAtLast(a, 'exit /user/o0#1 killed')
  await a.ask.trap(false)
  await a.ask.linkTo(others[1]!)
  await system.kill(others[1]!)
  await eventually(async () => expect(await a.ask.incarnation()).toBe(2))
  await a.ask.linkTo(others[2]!)
  await system.kill(others[2]!)
  await eventually(async () => expect(await a.ask.incarnation()).toBe(3))
})

test('G9: links: a link to oneself is none', async () => {
  const system = await startSystem()
  const a = await system.spawn(TrappingPartner, { name: 'a', restart: 'permanent' })
  await a.ask.linkTo(a)
  await system.kill(a)
  expect(await a.ask.incarnation()).toBe(2)
  expect(await a.ask.heard()).toEqual([])
})

test('G10: an orderly stop of linked siblings is OTP’s: the first ends the second with shutdown, unless that traps exits', async () => {
  for (const [first, expected] of [
    [Partner, { kind: 'linked', path: '/crew/b', reason: { kind: 'shutdown' } }],
    [TrappingPartner, { kind: 'shutdown' }],
  ] as const) {
    const [a, b] = [child(first, { name: 'a' }), child(Partner, { name: 'b' })]
    const system = await startSystem({ children: [supervisor({ name: 'crew', children: [a, b] })] })
    await system.ref(a).ask.linkTo(system.ref(b))
    const exits = collect(system, 'exited')
    await system.stop()
    expect(exits.map(({ path, reason }) => [path, reason]).slice(0, 3)).toEqual([
      ['/user', { kind: 'shutdown' }],
      ['/crew/b', { kind: 'shutdown' }],
      ['/crew/a', expected],
    ])
  }
})

test('G9: links: 30 that are linked to one that is killed: each ends, or is told, exactly once', async () => {
  const system = await startSystem()
  const hub = await system.spawn(Partner, { name: 'hub', ...temporary })
  const mortals = await Promise.all(range(15).map((i) => system.spawn(Partner, { name: `m${i}`, ...temporary })))
  const told = await Promise.all(range(15).map((i) => system.spawn(TrappingPartner, { name: `t${i}`, ...temporary })))
  await Promise.all([...mortals, ...told].map((ref) => ref.ask.linkTo(hub)))
  const exits = collect(system, 'exited')
  const ended = mortals.map((ref) => system.terminated(ref))
  await system.kill(hub)
  await Promise.all(ended)
  for (const ref of told) expect(await heardAtLast(ref, 'exit /user/hub#1 killed')).toHaveLength(1)
  expect(exits).toHaveLength(16)
})

test('G9: links: the name of an address that has ended is free when its exit comes', async () => {
  const system = await startSystem()
  const a = await system.spawn(TrappingPartner, { name: 'a' })
  for (const i of range(10)) {
    const b = await system.spawn(Partner, { name: 'b', ...temporary })
    await a.ask.linkTo(b)
    const exited = next(system, 'exited', '/user/b')
    b.tell.fail(`round ${i}`)
    await exited
    await heardAtLast(a, `exit /user/b#1 error: RangeError: round ${i}`)
    expect(await system.lookup('/user/b')).toBe(undefined)
  }
})
