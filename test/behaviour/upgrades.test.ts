import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Actor, type ActorRef, type ActorSystem, actorsIn, child, UpgradeFailedError } from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { TrappingPartner } from '../actors/partner.ts'
import { root } from '../docs/programs.ts'
import { collect, eventually, isInline, range, rejection, startSystem, temporaryFile } from './scene.ts'

/** What every version of the tally can do. */
interface Tally extends Actor {
  add(n: number): number
  seen(): readonly number[]
  version(): string
  incarnation(): number
  hold(gate: ActorRef<Gate>): Promise<number>
  setTrap(what: string): void
}

/** The source of a version. `at`: what goes wrong. */
function source(version: string, at: { readonly inModule?: string; readonly inNew?: string; readonly inStart?: string } = {}): string {
  return `
import { Actor, type ActorRef } from '@troupe/runtime'
${at.inModule ?? ''}
export class Tally extends Actor {
  static readonly module = import.meta.url
  #seen: number[] = []
  #trap = ''
  constructor(first = 0) {
    super()
    const before = this.context.handedOver as { seen: number[] } | undefined
    this.#seen = before?.seen ?? [first]
    ${at.inNew ?? ''}
  }
  onStart(): void { ${at.inStart ?? ''} }
  onUpgrade(): unknown {
    if (this.#trap === 'throw') throw new RangeError('not now')
    if (this.#trap === 'function') return () => undefined
    if (this.#trap === 'hang') return new Promise(() => undefined)
    if (this.#trap === 'exit') process.exit(3)
    return { seen: this.#seen }
  }
  setTrap(what: string): void { this.#trap = what }
  add(n: number): number { this.#seen.push(n); return this.#seen.length }
  seen(): number[] { return this.#seen }
  version(): string { return '${version}' }
  incarnation(): number { return this.context.incarnation }
  async hold(gate: ActorRef<any>): Promise<number> {
    gate.tell.arrive()
    while (!(await gate.ask({ timeoutMs: Number.POSITIVE_INFINITY }).isOpen())) await new Promise((resolve) => setTimeout(resolve, 1))
    return this.add(-1)
  }
}
`
}

/** A module in a file of its own, to be written over. */
function tallyModule() {
  mkdirSync(join(root, '.reports'), { recursive: true })
  const folder = mkdtempSync(join(root, '.reports/upgrade-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (text: string, name = 'tally.ts') => {
    writeFileSync(join(folder, name), text)
    return actorsIn<{ Tally: new (first?: number) => Tally }>(pathToFileURL(join(folder, name)).href).Tally
  }
  return { write, Tally: write(source('one')) }
}

async function oneTally(system: ActorSystem, options: { readonly shutdownMs?: number } = {}) {
  const { write, Tally } = tallyModule()
  const ref = await system.spawn(Tally, { name: 'tally', restart: 'permanent', args: [7], ...options })
  return { ref, write }
}

test('G4: an upgrade: a changed file is read anew, and state, mailbox and refs go on', async () => {
  const system = await startSystem()
  const { ref, write } = await oneTally(system)
  await ref.ask.add(8)
  write(source('two'))
  const [exits, starts] = [collect(system, 'exited'), collect(system, 'started')]
  await system.upgrade(ref)
  expect(await ref.ask.version()).toBe('two')
  expect(await ref.ask.seen()).toEqual([7, 8])
  expect(await ref.ask.incarnation()).toBe(2)
  expect(exits).toMatchObject([{ path: '/user/tally', incarnation: 1, reason: { kind: 'shutdown' }, willRestart: true }])
  expect(starts).toMatchObject([{ path: '/user/tally', incarnation: 2 }])
  // A crash restarts the new version, and hands nothing over.
  await system.kill(ref)
  expect(await ref.ask.version()).toBe('two')
  expect(await ref.ask.seen()).toEqual([7])
})

test('G3, G4: an upgrade under load loses nothing, and keeps the order', async () => {
  const system = await startSystem()
  const { ref, write } = await oneTally(system)
  let sent = 0
  const answers: Promise<number>[] = []
  const flood = setInterval(() => {
    for (let i = 0; i < 50; i++) {
      if (!ref.tell.add(++sent)) throw new Error('refused')
      if (i % 10 === 0) answers.push(ref.ask({ timeoutMs: 60_000 }).add(++sent))
    }
  }, 1)
  for (const round of range(5)) {
    write(source(`v${round}`))
    await system.upgrade(ref)
    expect(await ref.ask({ timeoutMs: 60_000 }).version()).toBe(`v${round}`)
  }
  clearInterval(flood)
  await Promise.all(answers)
  expect(await ref.ask({ timeoutMs: 60_000 }).seen()).toEqual([7, ...range(sent).map((i) => i + 1)])
})

test('G4: the current message is finished first, and what waits is for the new version', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const { ref, write } = await oneTally(system)
  // Plain JavaScript: nothing has to be built before the old version is asked.
  const Plain = write(
    `import { Actor } from '@troupe/runtime'
    export class Tally extends Actor { version() { return 'two' } seen() { return this.context.handedOver.seen } }`,
    'plain.mjs',
  )
  const held = ref.ask.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const version = ref.ask.version()
  const upgraded = system.upgrade(ref, Plain)
  expect(await rejection(system.upgrade(ref))).toMatchObject({ code: 'TROUPE_UPGRADE_FAILED', stage: 'notRunning' })
  gate.tell.open()
  expect(await held).toBe(2)
  await upgraded
  expect(await version).toBe('two')
  expect(await ref.ask.seen()).toEqual([7, -1])
  // A method that the new version does not have is none, and never another one.
  expect(await rejection(ref.ask.add(1))).toMatchObject({ code: 'TROUPE_NOT_A_MESSAGE' })
})

test('upgrade to another class, with other arguments: it stays through restarts', async () => {
  const system = await startSystem()
  const { ref, write } = await oneTally(system)
  const Other = write(source('other'), 'other.ts')
  await system.upgrade(ref, Other, { args: [70] })
  expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['other', [7]])
  await system.kill(ref)
  expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['other', [70]])
})

test('G4: an upgrade to another module that fails leaves the former one, through restarts too', async () => {
  const system = await startSystem()
  const { ref, write } = await oneTally(system)
  const Other = write(source('other', { inStart: "throw new RangeError('broken')" }), 'other.ts')
  expect(await rejection(system.upgrade(ref, Other, { args: [70] }))).toMatchObject({ stage: 'start' })
  expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['one', [7]])
  await system.kill(ref)
  expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['one', [7]])
})

test('upgrade of one actor: the others of its module stay what they are, through restarts too; new ones are new', async () => {
  const system = await startSystem()
  const { write, Tally } = tallyModule()
  const [a, b] = await Promise.all(['a', 'b'].map((name) => system.spawn(Tally, { name })))
  write(source('two'))
  await system.upgrade(a!)
  await system.kill(b!)
  expect([await a!.ask.version(), await b!.ask.version()]).toEqual(['two', 'one'])
  const c = await system.spawn(Tally, { name: 'c' })
  expect(await c.ask.version()).toBe('two')
})

test('a static child is upgraded as any other', async () => {
  const { write, Tally } = tallyModule()
  const spec = child(Tally, { name: 'tally' })
  const system = await startSystem({ children: [spec] })
  const ref = system.ref(spec)
  write(source('two'))
  await system.upgrade(ref)
  expect(await ref.ask.version()).toBe('two')
})

test.for([
  ['load', 'that is no TypeScript', {}],
  ['start', source('two', { inModule: "throw new RangeError('broken')" }), {}],
  ['start', source('two', { inNew: "throw new RangeError('broken')" }), {}],
  ['start', source('two', { inStart: "throw new RangeError('broken')" }), {}],
  ['start', source('two', { inStart: 'process.exit(4)' }), {}],
] as const)('G4: an upgrade that fails (%s, %#) leaves the former version, with its state and its mailbox', async ([stage, text]) => {
  const system = await startSystem()
  const { ref, write } = await oneTally(system)
  const gaveUp = collect(system, 'gaveUp')
  await ref.ask.add(8)
  write(text)
  const failed = rejection(system.upgrade(ref))
  const meanwhile = ref.ask.add(9)
  const error = await failed
  expect(error).toBeInstanceOf(UpgradeFailedError)
  expect(error).toMatchObject({ stage })
  expect(error.cause).toBeDefined()
  expect(await meanwhile).toBe(3)
  expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['one', [7, 8, 9]])
  // It was no restart: its supervisor has heard of nothing.
  for (let i = 0; i < 5; i++) await rejection(system.upgrade(ref))
  expect(await ref.ask.seen()).toEqual([7, 8, 9])
  expect(gaveUp).toEqual([])
  write(source('three'))
  await system.upgrade(ref)
  expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['three', [7, 8, 9]])
})

test.for(['throw', 'function'])('an onUpgrade that cannot hand over (%s) refuses, and its actor goes on', async (what) => {
  const system = await startSystem()
  const { ref, write } = await oneTally(system)
  write(source('two'))
  await ref.ask.setTrap(what)
  const error = await rejection(system.upgrade(ref))
  expect(error).toMatchObject({ code: 'TROUPE_UPGRADE_FAILED', stage: 'onUpgrade' })
  expect(error.cause).toMatchObject(what === 'throw' ? { message: 'not now' } : { code: 'TROUPE_NOT_SENDABLE' })
  expect([await ref.ask.version(), await ref.ask.incarnation()]).toEqual(['one', 1])
  await ref.ask.setTrap('')
  await system.upgrade(ref)
  expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['two', [7]])
})

test.for(isInline ? ['hang'] : ['hang', 'exit'])(
  'an onUpgrade that never hands over (%s) is an end like any other: the former version is restarted',
  async (what) => {
    const system = await startSystem()
    const { ref, write } = await oneTally(system, { shutdownMs: 50 })
    write(source('two'))
    await ref.ask.setTrap(what)
    const waiting = rejection(system.upgrade(ref))
    expect(await waiting).toMatchObject({ code: 'TROUPE_UPGRADE_FAILED', stage: 'stop' })
    expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['one', [7]])
  },
)

test('G9: an upgrade is no exit: links and watches of the address go on; who watches incarnations is told', async () => {
  const system = await startSystem()
  const { ref, write } = await oneTally(system)
  const [partner, watcher] = [await system.spawn(TrappingPartner, { name: 'partner' }), await system.spawn(TrappingPartner)]
  await partner.ask.linkTo(ref)
  await watcher.ask.watchAll(ref, true)
  write(source('two'))
  await system.upgrade(ref)
  write(source('three', { inStart: "throw new RangeError('broken')" }))
  await rejection(system.upgrade(ref))
  expect(await ref.ask.version()).toBe('two')
  expect(await partner.ask.heard()).toEqual([])
  await system.kill(ref)
  await eventually(async () => expect(await partner.ask.heard()).toEqual(['exit /user/tally#4 killed']))
  const ends = await eventually(async () => {
    const heard = await watcher.ask.heard()
    expect(heard).toHaveLength(4)
    return heard
  })
  expect(ends.map((end) => String(end).split(' ').slice(1, 3).join(' '))).toEqual([
    '/user/tally#1 shutdown',
    '/user/tally#2 shutdown',
    '/user/tally#3 start',
    '/user/tally#4 killed',
  ])
})

test('G9: an upgrade after which neither version starts is an end: links break, and the supervisor starts the former one afresh', async () => {
  const system = await startSystem()
  const { write } = tallyModule()
  const Tally = write(source('one', { inNew: "if (before !== undefined) throw new RangeError('not again')" }))
  const ref = await system.spawn(Tally, { name: 'tally', restart: 'permanent', args: [7] })
  const partner = await system.spawn(TrappingPartner, { name: 'partner' })
  await partner.ask.linkTo(ref)
  const exits = collect(system, 'exited')
  write(source('two', { inStart: "throw new RangeError('broken')" }))
  expect(await rejection(system.upgrade(ref))).toMatchObject({ code: 'TROUPE_UPGRADE_FAILED', stage: 'start' })
  expect([await ref.ask.version(), await ref.ask.seen(), await ref.ask.incarnation()]).toEqual(['one', [7], 4])
  await eventually(() =>
    expect(exits.map(({ incarnation, willRestart }) => [incarnation, willRestart])).toEqual(range(3).map((i) => [i + 1, true])),
  )
  await eventually(async () => expect(await partner.ask.heard()).toEqual([expect.stringContaining('exit /user/tally#3 start')]))
})

test('an upgrade that meets a stop, a kill or the end of the system ends with it, and is told', async () => {
  const system = await startSystem()
  for (const how of ['stop', 'kill'] as const) {
    for (const round of range(8)) {
      const { write, Tally } = tallyModule()
      const ref = (await system.spawn(Tally, { name: `${how}-${round}`, restart: 'transient', args: [1] } as never)) as ActorRef<Tally>
      write(source('two'))
      const ended = system.terminated(ref)
      const upgraded = system.upgrade(ref).catch((error: unknown) => error)
      if (round > 3) await eventually(async () => expect(await ref.ask.incarnation().catch(() => 2)).toBe(2))
      await (how === 'stop' ? system.stopActor(ref) : system.kill(ref))
      const outcome = await upgraded
      if (outcome !== undefined) expect(outcome).toMatchObject({ code: expect.stringMatching(/^TROUPE_(UPGRADE_FAILED|ACTOR_STOPPED)$/) })
      if (how === 'stop') await ended
      else await system.stopActor(ref)
      expect(await system.lookup(ref.path)).toBe(undefined)
    }
  }
  const { ref, write } = await oneTally(system)
  write(source('two'))
  const upgraded = system.upgrade(ref).catch((error: Error) => error)
  await system.stop()
  const outcome = await upgraded
  if (outcome !== undefined) expect(outcome).toMatchObject({ code: expect.stringMatching(/^TROUPE_/) })
})

test('an upgrade that is stopped while its new version starts ends with the stop: the former version is not started again', async () => {
  const system = await startSystem()
  const { ref, write } = await oneTally(system)
  const log = temporaryFile('starts')
  const noted = (version: string) => `appendFileSync(${JSON.stringify(log)}, '${version}\\n')`
  const inModule = "import { appendFileSync } from 'node:fs'"
  write(source('two', { inModule, inNew: noted('two') }))
  await system.upgrade(ref)
  write(source('three', { inModule, inNew: noted('three'), inStart: 'return new Promise(() => undefined)' }))
  const upgrading = rejection(system.upgrade(ref))
  await eventually(() => expect(readFileSync(log, 'utf8')).toBe('two\nthree\n'))
  const ended = system.terminated(ref)
  await system.stopActor(ref)
  expect(await ended).toEqual({ kind: 'shutdown' })
  expect(await upgrading).toMatchObject({ code: 'TROUPE_UPGRADE_FAILED' })
  expect(readFileSync(log, 'utf8')).toBe('two\nthree\n')
})

test('the arguments of a temporary actor are not kept: an upgrade needs them again', async () => {
  const system = await startSystem()
  const { write, Tally } = tallyModule()
  const ref = await system.spawn(Tally, { restart: 'temporary', args: [1] })
  write(source('two'))
  expect(await rejection(system.upgrade(ref))).toMatchObject({ code: 'TROUPE_UPGRADE_FAILED', stage: 'load' })
  await system.upgrade(ref, Tally, { args: [2] })
  expect([await ref.ask.version(), await ref.ask.seen()]).toEqual(['two', [1]])
})
