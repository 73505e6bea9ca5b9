import { ActorSystem, child, InvalidArgumentError, InvalidSpecError, supervisor } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Victim } from '../actors/victim.ts'
import { rejection, startSystem, thrown } from './scene.ts'

const BAD = [0, Number.NaN, -1, Number.NEGATIVE_INFINITY, '5', {}] as unknown as number[]
/** One millisecond more than Node's own timers can count. */
const LONG_MS = 2 ** 31

test('G15: durations that are 0, NaN, negative or no number are refused, and nothing is sent', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  for (const timeoutMs of BAD) {
    expect(await rejection(ref.ask({ timeoutMs }).note(1)), `ask ${String(timeoutMs)}`).toBeInstanceOf(InvalidArgumentError)
    expect(await rejection(ref.tell({ whenFull: 'wait', timeoutMs }).note(1))).toBeInstanceOf(InvalidArgumentError)
    expect(thrown(() => ref.askSync({ timeoutMs }).note(1))).toBeInstanceOf(InvalidArgumentError)
    expect(await rejection(system.stop({ deadlineMs: timeoutMs }))).toBeInstanceOf(InvalidArgumentError)
  }
  expect(await rejection(system.stop({ deadlineMs: Number.POSITIVE_INFINITY }))).toBeInstanceOf(InvalidArgumentError)
  expect(await ref.ask.echo('still there')).toBe('still there')
})

test('G15: so are those of specs, all faults at once', async () => {
  for (const ms of BAD) {
    const bad = supervisor({
      name: 'crew',
      intensity: { restarts: 1, withinMs: ms },
      children: [child(Victim, { name: 'a', startMs: ms }), child(Victim, { name: 'b', shutdownMs: ms })],
    })
    const error = (await rejection(ActorSystem.start({ name: 'test', children: [bad] }))) as InvalidSpecError
    expect(error).toBeInstanceOf(InvalidSpecError)
    expect(error.faults.map((fault) => fault.split(' ')[1])).toEqual(['intensity.withinMs', 'startMs', 'shutdownMs'])
  }
  const system = await startSystem()
  expect(await rejection(system.spawn(Victim, { startMs: 0 }))).toBeInstanceOf(InvalidSpecError)
  expect(await rejection(system.spawn(Victim, { startMs: Number.POSITIVE_INFINITY }))).toBeInstanceOf(InvalidSpecError)
})

test('G15: durations beyond 2^31 − 1 ms work: none of them is over at once', async () => {
  const spec = child(Victim, { name: 'static', startMs: LONG_MS, shutdownMs: LONG_MS })
  const crew = supervisor({ name: 'crew', intensity: { restarts: 1, withinMs: LONG_MS }, children: [spec] })
  const system = await startSystem({ children: [crew] })
  const ref = system.ref(spec)
  const hanging = rejection(ref.ask({ timeoutMs: LONG_MS }).hang())
  const queued = ref.ask({ timeoutMs: LONG_MS * 1_000 }).echo('queued')
  const waiting = ref.tell({ whenFull: 'wait', timeoutMs: LONG_MS }).note(1)
  expect(await waiting).toBe(true)
  // A deadline in a record is 31 bits wide.
  expect(await Promise.race([hanging, queued, new Promise((resolve) => setTimeout(resolve, 50, 'still waiting'))])).toBe('still waiting')
  await system.kill(ref)
  expect(await hanging).toMatchObject({ code: 'TROUPE_ACTOR_DOWN' })
  expect(await queued).toBe('queued')
  await system.stop({ deadlineMs: LONG_MS })
})

test('G15: a long time-out and a short one do not get into each other’s way', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  const hanging = ref.ask({ timeoutMs: LONG_MS }).hang()
  hanging.catch(() => undefined)
  for (const timeoutMs of [30, 20, 10]) {
    expect((await rejection(ref.ask({ timeoutMs }).echo(1))).message).toContain(`no answer within ${timeoutMs} ms`)
  }
})

test('G8: without a time-out of its own an ask waits for 5,000 ms', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { shutdownMs: 'kill' })
  expect((await rejection(ref.ask.hang())).message).toContain('no answer within 5000 ms')
})
