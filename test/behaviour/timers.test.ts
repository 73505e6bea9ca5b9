import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Metronome } from '../actors/metronome.ts'
import { Recorder } from '../actors/recorder.ts'
import { eventually, next, rejection, startSystem } from './scene.ts'

async function scene() {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const metronome = await system.spawn(Metronome, { name: 'metronome', args: [recorder] })
  const noted = (...notes: string[]): Promise<void> => eventually(async () => expect(await recorder.ask.noted()).toEqual(notes))
  return { system, recorder, metronome, noted }
}

test('timers: a task runs once, after its time; one of the same name replaces it, and one that is cancelled does not run', async () => {
  const { metronome, noted } = await scene()
  await metronome.ask.after('replaced', 60_000)
  await metronome.ask.after('replaced', 20)
  await metronome.ask.after('cancelled', 10_000)
  expect(await metronome.ask.cancel('cancelled')).toBe(true)
  expect(await metronome.ask.cancel('cancelled')).toBe(false)
  await noted('replaced')
  expect(await metronome.ask.cancel('replaced')).toBe(false)
})

test('timers: a task waits for the message in progress, and does not run when it is cancelled meanwhile', async () => {
  const { system, metronome, noted } = await scene()
  const gate = await system.spawn(Gate)
  await metronome.ask.after('late', 1)
  const held = metronome.ask.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  gate.tell.open()
  await held
  await noted('late')
  expect(await metronome.ask.cancelWhenDue('called off')).toBe(true)
  await metronome.ask.after('last', 1)
  await noted('late', 'last')
})

test('timers: a period whose task takes longer runs it again and again, one at a time, and piles nothing up', async () => {
  const { metronome, noted } = await scene()
  await metronome.ask.beat(5, 3)
  await noted('beat 1', 'beat 2', 'beat 3')
  expect(await metronome.ask.cancel('beat')).toBe(false)
})

test('timers: a throw in a task is a crash, and a successor has none of the timers', async () => {
  const { system, recorder, metronome } = await scene()
  await metronome.ask.after('never', 300)
  const ended = next(system, 'exited', '/user/metronome')
  await metronome.ask.fail(1)
  expect(await ended).toMatchObject({ reason: { kind: 'error', error: { message: 'in a timer' } } })
  expect(await metronome.ask.incarnation()).toBe(2)
  await metronome.ask.after('later', 400)
  await eventually(async () => expect(await recorder.ask.noted()).toEqual(['later']))
})

test('timers: durations are checked (G15)', async () => {
  const { metronome } = await scene()
  for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(await rejection(metronome.ask.after('odd', ms))).toMatchObject({ code: 'TROUPE_INVALID_ARGUMENT' })
})

test('receive timeout: a signal when no message has come for so long, once for each such time', async () => {
  const { metronome, noted } = await scene()
  await metronome.ask.idleAfter(40)
  await noted('idle for 40')
  await metronome.ask.idleAfter(30)
  await noted('idle for 40', 'idle for 30')
  await metronome.ask.idleAfter(undefined)
  await metronome.ask.after('afterwards', 120)
  await noted('idle for 40', 'idle for 30', 'afterwards')
})
