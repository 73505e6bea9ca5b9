import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Taps } from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { Tapped } from '../actors/tapped.ts'
import { eventually, next, startSystem } from './scene.ts'

/** What is published on a channel in this thread, from now on. */
function tap<N extends keyof Taps>(name: N): Taps[N][] {
  const heard: Taps[N][] = []
  const listener = (message: unknown): unknown => heard.push(message as Taps[N])
  subscribe(name, listener)
  onTestFinished(() => void unsubscribe(name, listener))
  return heard
}

test('taps: send in the sender, receive and reply in the receiver, each with both ends and the method', async () => {
  const sent = tap('troupe:send')
  const system = await startSystem()
  const ref = await system.spawn(Tapped, { name: 'tapped' })
  expect(ref.tell.note('x')).toBe(true)
  await ref.ask.add(1)
  await ref.ask.fail().catch(() => undefined)
  for await (const _ of ref.ask.count(2));
  const call = { from: '(host)', incarnation: 1, to: '/user/tapped' }
  expect(sent).toEqual([
    { ...call, kind: 'tell', method: 'note', correlation: 0 },
    { ...call, kind: 'ask', method: 'add', correlation: expect.any(Number) },
    { ...call, kind: 'ask', method: 'fail', correlation: expect.any(Number) },
    { ...call, kind: 'stream', method: 'count', correlation: expect.any(Number) },
  ])
  const received = { ...call, attempt: 1, error: 'undefined' }
  const replied = { ...call, ok: true, error: 'undefined' }
  expect(await ref.ask.heard()).toEqual([
    ['troupe:receive', false, { ...received, kind: 'tell', method: 'note' }],
    ['troupe:receive', true, { ...received, kind: 'ask', method: 'add' }],
    ['troupe:reply', true, { ...replied, kind: 'ask', method: 'add' }],
    ['troupe:receive', true, { ...received, kind: 'ask', method: 'fail' }],
    ['troupe:reply', true, { ...replied, kind: 'ask', method: 'fail', ok: false, error: 'RangeError: no' }],
    ['troupe:receive', true, { ...received, kind: 'stream', method: 'count' }],
    ['troupe:reply', true, { ...replied, kind: 'stream', method: 'count' }],
    ['troupe:receive', true, { ...received, kind: 'ask', method: 'heard' }],
  ])
})

test('taps: spawn, restart and dead letter in the host, with the name of the system', async () => {
  const [spawned, restarted, letters, sent] = [tap('troupe:spawn'), tap('troupe:restart'), tap('troupe:dead-letter'), tap('troupe:send')]
  const system = await startSystem()
  const ref = await system.spawn(Tapped, { name: 'tapped', restart: 'permanent' })
  const again = next(system, 'started', '/user/tapped')
  ref.tell.die()
  await again
  await system.stopActor(ref)
  expect(ref.tell.note('late')).toBe(false)
  const started = { system: 'test', path: '/user/tapped', warm: expect.any(Boolean) }
  expect(spawned).toEqual([{ ...started, incarnation: 1 }])
  expect(restarted).toEqual([{ ...started, incarnation: 2 }])
  await eventually(() =>
    expect(letters.map(({ system: name, method, why, args }) => [name, method, why, args])).toContainEqual([
      'test',
      'note',
      'stopped',
      ['late'],
    ]),
  )
  expect(letters.map(({ why }) => why)).toEqual(['crashed', 'stopped'])
  // What is refused was not sent.
  expect(sent.map(({ method }) => method)).toEqual(['die'])
})
