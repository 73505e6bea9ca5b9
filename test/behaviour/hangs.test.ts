import { writeFileSync } from 'node:fs'
import { ActorDownError, describeExit, InvalidArgumentError, Queue, StartFailedError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Hanger, QuickHanger, WrongHanger } from '../actors/hanger.ts'
import { collect, eventually, next, rejection, startSystem, temporaryFile } from './scene.ts'
import { runScript } from './script.ts'

const HANG_MS = 250
const QUICK = { hangAfterMs: HANG_MS }
const CAN_PROFILE = Number(process.versions.node.split('.')[0]) >= 26 || /^24\.(8|9|\d\d)/.test(process.versions.node)

/** Ends when another actor, with the same patience, was found to hang: whoever hung before it has been found as well. */
async function untilAnotherHangs(system: Awaited<ReturnType<typeof startSystem>>): Promise<void> {
  const other = await system.spawn(Hanger, { ...QUICK, restart: 'temporary' })
  other.tell.spin()
  expect(await system.terminated(other)).toMatchObject({ kind: 'hung' })
}

function writeGo(path: string): void {
  writeFileSync(path, 'go')
}

const HANGS = ['spin', 'regExp', 'nextTicks', 'wait'] as const

test.for(HANGS)('hang: %s is found, the ask rejects with the method and its age, and the queue goes on', async (method) => {
  const system = await startSystem()
  const ref = await system.spawn(Hanger, { name: 'hanger', ...QUICK })
  const exited = next(system, 'exited', ref.path)
  const asked = rejection(ref.ask[method]())
  const queued = ref.ask.incarnation()
  const { reason, willRestart } = await exited
  expect(reason).toMatchObject({ kind: 'hung', method })
  expect((reason as { ageMs: number }).ageMs).toBeGreaterThanOrEqual(HANG_MS)
  expect(willRestart).toBe(true)
  expect(await asked).toBeInstanceOf(ActorDownError)
  expect(await asked).toMatchObject({ reason: { kind: 'hung', method } })
  expect(await queued).toBe(2)
})

test('hang: a loop of microtasks is found, or uses up its heap first', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Hanger, { name: 'hanger', ...QUICK })
  const asked = rejection(ref.ask.microtasks())
  const queued = ref.ask.incarnation()
  const { reason } = (await asked) as ActorDownError
  expect(['hung', 'outOfMemory']).toContain(reason.kind)
  expect(await queued).toBe(2)
})

test.skipIf(!CAN_PROFILE)('hang: the reason says where it was', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Hanger, { hangAfterMs: 600 })
  const { reason } = (await rejection(ref.ask.wait())) as ActorDownError
  const { frames } = reason as { frames: readonly string[] }
  // By lines of the source, although a bundle ran.
  expect(frames).toEqual([expect.stringMatching(/^wait \(file:.+\/hanger\.ts:\d+:\d+\)$/)])
  expect(describeExit(reason)).toMatch(/^hung in wait\(\) for \d+ ms, at wait \(/)
  // V8 may not know of one that it has optimised: who has called it is no place to look at.
  const { frames: optimised } = ((await rejection(ref.ask.spin())) as ActorDownError).reason as { frames: readonly string[] }
  for (const frame of optimised) expect(frame).toContain('hanger.ts')
})

test('hang: in a timer, with nothing in progress, as soon as a message waits', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Hanger, { name: 'hanger', ...QUICK })
  const exited = next(system, 'exited', ref.path)
  await ref.ask.spinInTimer()
  // Some may be answered before the timer is due.
  while ((await ref.ask({ timeoutMs: 60_000 }).incarnation()) === 1);
  expect((await exited).reason).toMatchObject({ kind: 'hung' })
})

test('hang: after a long await in the same message, and not because of that', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const ref = await system.spawn(Hanger, QUICK)
  const exits = collect(system, 'exited')
  const asked = rejection(ref.ask({ timeoutMs: 60_000 }).spinAfterAwait(gate))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  for (let i = 0; i < 3; i++) await untilAnotherHangs(system)
  expect(exits.filter(({ path }) => path === ref.path)).toEqual([])
  gate.tell.open()
  expect(await asked).toMatchObject({ reason: { kind: 'hung', method: 'spinAfterAwait' } })
})

test.for(['hold', 'immediates'] as const)('hang: an actor whose event loop turns does not hang (%s)', async (method) => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const ref = await system.spawn(Hanger, QUICK)
  const asked = ref.ask({ timeoutMs: 60_000 })[method](gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  for (let i = 0; i < 3; i++) await untilAnotherHangs(system)
  gate.tell.open()
  expect(await asked).toBe(1)
})

test('hang: a wait of the runtime with a deadline is no hang: askSync, and a queue', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const queue = Queue.create<number>({ system })
  const [asker, callee, taker] = await Promise.all([1, 2, 3].map(() => system.spawn(Hanger, QUICK)))
  const asked = asker!.ask({ timeoutMs: 60_000 }).askBlocking(callee!, gate)
  const taken = taker!.ask({ timeoutMs: 60_000 }).takeBlocking(queue)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  for (let i = 0; i < 3; i++) await untilAnotherHangs(system)
  gate.tell.open()
  await queue.put(7)
  expect(await Promise.all([asked, taken])).toEqual([1, 7])
  expect(await asker!.ask.incarnation()).toBe(1)
})

test('hang: hangAfterMs can be the class’s own, and the spec’s goes before it', async () => {
  const system = await startSystem()
  const quick = await system.spawn(QuickHanger)
  const patient = await system.spawn(QuickHanger, { hangAfterMs: Number.POSITIVE_INFINITY })
  const path = temporaryFile('go')
  const spinning = patient.ask({ timeoutMs: 60_000 }).spinUntil(path)
  expect(await rejection(quick.ask.spin())).toMatchObject({ reason: { kind: 'hung' } })
  await untilAnotherHangs(system)
  await system.spawn(Hanger).then((ref) => ref.ask.write(path))
  expect(await spinning).toBe(1)
  const error = await rejection(system.spawn(WrongHanger))
  expect(error).toBeInstanceOf(StartFailedError)
  expect(error.cause).toBeInstanceOf(InvalidArgumentError)
})

test('faults 36, 60: a process that was stopped for longer than hangAfterMs finds no hang in it', async (context) => {
  if (process.platform === 'win32') return context.skip('there is no SIGSTOP')
  const path = temporaryFile('go')
  let [stopped, ticksAfter] = [false, 0]
  const { code, output } = await runScript('spins.mjs', [path, '2000'], [], (so, child) => {
    if (stopped && ++ticksAfter > 8) writeGo(path)
    if (stopped || !so.includes('begun')) return
    stopped = true
    child.kill('SIGSTOP')
    // The fault itself is a length of time.
    setTimeout(() => child.kill('SIGCONT'), 3_000)
  })
  expect(output).toContain('incarnation 1, exits 0')
  expect(code).toBe(0)
})

test('fault 60: under a debugger nothing hangs', async () => {
  const path = temporaryFile('go')
  let ticks = 0
  const { code, output } = await runScript('spins.mjs', [path, '300'], ['--inspect=0'], () => ++ticks > 15 && writeGo(path))
  expect(output).toContain('incarnation 1, exits 0')
  expect(code).toBe(0)
})
