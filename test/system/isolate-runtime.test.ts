import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import * as api from '@troupe/runtime'
import { expect, test } from 'vitest'
import { evaluateRuntime } from '../../packages/runtime/src/node/later-part.ts'
import { Lean } from '../actors/lean.ts'
import { eventually, rejection, startSystem } from '../behaviour/scene.ts'

const DIST = new URL('../../packages/runtime/dist/', import.meta.url)

function scriptIn(name: string): Script {
  const file = new URL(name, DIST)
  return new Script(readFileSync(file, 'latin1'), { filename: fileURLToPath(file) })
}

/** As an isolate does it (node/run-runtime.ts), in this thread. */
function apiOfIsolates(): typeof api {
  const later = (): Script => scriptIn('isolate-later.cjs')
  return evaluateRuntime(scriptIn('isolate-runtime.cjs'), later, createRequire(import.meta.url), DIST.href).api as typeof api
}

// Errors and registered classes travel by the names of their classes, and the build of isolates keeps no names of its own accord.
test('what an actor imports from the runtime has the names that it has in the host', () => {
  const names = (of: object): (readonly [string, string])[] =>
    Object.entries(of).map(([key, value]) => [key, typeof value === 'function' ? value.name : typeof value] as const)
  expect(names(apiOfIsolates())).toEqual(names(api))
})

const CORE = ['isolate-entry.cjs', 'isolate-runtime.cjs']

test('what few actors need is not evaluated in the isolate of one that starts, has a timer, tells, asks and is asked', async () => {
  const system = await startSystem({ spares: 0, isolate: 'thread' })
  const [one, other] = await Promise.all([system.spawn(Lean), system.spawn(Lean)])
  await eventually(async () => expect(await other.ask.ticks()).toBe(1))
  one.tell.tick()
  expect(await one.ask.ticksOf(other)).toBe(1)
  expect(await other.ask.scripts()).toEqual(CORE)
})

test('it is evaluated at its first use: by a value that is not plain, and by an error', async () => {
  const system = await startSystem({ spares: 0, isolate: 'thread' })
  const [reader, thrower] = await Promise.all([system.spawn(Lean), system.spawn(Lean)])
  expect(await reader.ask.size(new Map([['a', 1]]))).toBe(1)
  expect(await rejection(thrower.ask.fail())).toEqual(new RangeError('as planned'))
  for (const actor of [reader, thrower])
    expect(await actor.ask.scripts()).toEqual(['isolate-entry.cjs', 'isolate-later.cjs', 'isolate-runtime.cjs'])
})
