import { expect, test } from 'vitest'
import { dynamicCases } from './dynamic-cases.ts'
import { minds } from './minds.ts'
import { dynamic, worker } from './specs.ts'
import { KILLED } from './world.ts'

for (const { name, check } of dynamicCases) test(`G10: ${name}`, () => check(minds))

/** Counts work and not time: how many entries of the children's map are looked at. */
test('G10: simple_one_for_one_scale_many_temporary_children: an exit costs the same among 10,000 as among 1,000', () => {
  const visits = [1_000, 10_000].map((count) => {
    const state = minds.dynamicState(dynamic())
    minds.decideDynamic(state, { atMs: 0, is: 'boot', attempt: 'initial' })
    for (let i = 1; i <= count; i++) {
      minds.decideDynamic(state, { atMs: 0, is: 'startChild', id: i, spec: worker(`c${i}`, { restart: 'temporary' }) })
      minds.decideDynamic(state, { atMs: 0, is: 'started', name: `c${i}`, run: i })
    }
    return countVisits(state.children, () => {
      for (let i = 1; i <= 500; i++) minds.decideDynamic(state, { atMs: 0, is: 'exited', name: `c${i}`, run: i, reason: KILLED })
    })
  })
  expect(visits[1]).toBe(visits[0])
})

function countVisits(children: Map<string, unknown>, action: () => void): number {
  let visits = 0
  const counting = <F extends (...args: never[]) => unknown>(method: F, cost: () => number) =>
    ((...args) => {
      visits += cost()
      return Reflect.apply(method, children, args)
    }) as F
  children.get = counting(children.get, () => 1)
  children.delete = counting(children.delete, () => 1)
  children.values = counting(children.values, () => children.size)
  children[Symbol.iterator] = counting(children[Symbol.iterator], () => children.size)
  action()
  return visits
}
