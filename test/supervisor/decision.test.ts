import { expect, test } from 'vitest'
import { backoffCases } from './backoff-cases.ts'
import { staticCases } from './decision-cases.ts'
import { minds } from './minds.ts'
import { specChangeCases } from './spec-change-cases.ts'
import { over, worker } from './specs.ts'
import { CRASH, NORMAL, World } from './world.ts'

for (const { name, check } of [...staticCases, ...specChangeCases, ...backoffCases]) test(`G10: ${name}`, () => check(minds))

test('G10: a decision changes neither the state nor the spec it is given', () => {
  const spec = deepFreeze(over([worker('a'), worker('b')], { strategy: 'one-for-all' }))
  let state = deepFreeze(minds.staticState(spec))
  for (const event of [
    { is: 'boot', attempt: 'initial' },
    { is: 'started', name: 'a', run: 1 },
    { is: 'started', name: 'b', run: 2 },
    { is: 'exited', name: 'a', run: 1, reason: CRASH },
    { is: 'exited', name: 'b', run: 2, reason: NORMAL },
    { is: 'stop', how: 'shutdown' },
  ] as const) {
    const twice = [minds.decide(state, { ...event, atMs: 0 }), minds.decide(state, { ...event, atMs: 0 })]
    expect(twice[0]).toEqual(twice[1])
    state = deepFreeze(twice[0]!.state)
  }
})

test('G10: a clock that stands still, or is far on, is only a number', () => {
  const world = new World(minds, over([worker('a')], { intensity: { restarts: 1, withinMs: 1 } })).boot()
  for (world.nowMs = 2 ** 52; world.nowMs < 2 ** 52 + 10; world.nowMs += 2) world.exit('a')
  expect(world.ended).toBe(undefined)
})

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze)
  return value
}
