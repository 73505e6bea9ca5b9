import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Queue } from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { Deluge, Lively } from '../actors/deluge.ts'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { Victim } from '../actors/victim.ts'
import { eventually, range, startSystem } from './scene.ts'

async function startServer(): Promise<string> {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('must show: a flooded actor still has its timers and its requests, and others are answered by it', async () => {
  const url = await startServer()
  const system = await startSystem()
  const [lively, flooder] = await Promise.all([system.spawn(Lively), system.spawn(Deluge)])
  await lively.ask.begin(url)
  const flood = flooder.ask({ timeoutMs: 60_000 }).floodUntil(lively, 40, 20)
  // Another sender, whose lane is not flooded, gets its turn meanwhile.
  for (const _ of range(20)) await lively.ask({ timeoutMs: 60_000 }).pulse()
  const { fired, fetched, noted } = await flood
  expect(fired).toBeGreaterThanOrEqual(40)
  expect(fetched).toBeGreaterThanOrEqual(20)
  expect(noted).toBeGreaterThan(1_000)
})

test('G14: a receiver that takes nothing keeps none of the other messages of its senders waiting', async () => {
  const system = await startSystem({ limits: { laneMessagesMax: 1_000 } })
  const [stuck, recorder, flooder, gate] = await Promise.all([
    system.spawn(Victim),
    system.spawn(Recorder),
    system.spawn(Deluge),
    system.spawn(Gate),
  ])
  stuck.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  expect(await flooder.ask.fill(stuck as never, 5_000)).toBe(1_000)
  expect(await flooder.ask.double(4)).toBe(8)
  expect(await flooder.ask.fill(recorder, 500)).toBe(500)
  await eventually(async () => expect(await recorder.ask.noted()).toEqual(range(500)))
  gate.tell.open()
})

test('G8: whoever is asked never waits because of its replies: the asker does not take them, and others are answered', async () => {
  const system = await startSystem()
  const [asker, asked] = await Promise.all([system.spawn(Deluge), system.spawn(Deluge)])
  const until = Queue.create<string>({ system })
  const all = asker.ask({ timeoutMs: 60_000 }).askThenBlock(asked, 1_000, until)
  await eventually(async () => expect(await asked.ask.doubled()).toBe(1_000))
  expect(await asked.ask.double(21)).toBe(42)
  await until.put('go on')
  expect(await all).toBe(1_000)
})
