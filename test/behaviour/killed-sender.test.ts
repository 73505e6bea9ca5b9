import { setTimeout as delay } from 'node:timers/promises'
import { child } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Courier, Receiver } from '../actors/courier.ts'
import { collect, eventually, next, range, startSystem } from './scene.ts'

const KILLS = 40

test('G2: a sender killed at random has delivered each message whole or not at all, in order, and blocks nobody', async () => {
  const spec = child(Receiver, { name: 'receiver' })
  // A budget that would be used up if each kill left behind what it had claimed.
  const system = await startSystem({ children: [spec], limits: { arenaBytesMax: 4 * 1024 * 1024 } })
  const to = system.ref(spec)
  const [letters, warnings] = [collect(system, 'deadLetter'), collect(system, 'warning')]
  let incarnations = 0
  while (incarnations < KILLS) {
    // A spawned actor may be restarted three times in a while: then the next one takes over, with a lane of its own.
    const courier = await system.spawn(Courier, { args: [to, incarnations] })
    const ended = system.terminated(courier)
    for (const life of range(4)) {
      const started = life < 3 ? next(system, 'started', courier.path) : ended
      const before = await to.ask.received()
      await eventually(async () => expect(await to.ask.received()).toBeGreaterThan(before))
      await delay(Math.random() * 10)
      await system.kill(courier)
      await started
      incarnations++
    }
  }
  expect(await to.ask.faults()).toEqual([])
  expect(await to.ask.received()).toBeGreaterThan(KILLS)
  expect([...letters, ...warnings]).toEqual([])
}, 120_000)
