import { expect, test } from 'vitest'
import { runScript } from './script.ts'

test('an actor that uses up its heap in small steps is restarted with the reason, and the others go on', async () => {
  // Limits for one actor cannot be set yet: here all heaps of a process are small.
  const { code, output, errors } = await runScript('out-of-memory.mjs', [], ['--max-old-space-size=64'])
  expect(errors).toBe('')
  expect(JSON.parse(output)).toEqual({
    asked: 'TROUPE_ACTOR_DOWN',
    reason: 'outOfMemory',
    exited: { path: '/user/hoarder', incarnation: 1, willRestart: true },
    successor: 2,
    neighbour: [1, 'fine'],
  })
  expect(code).toBe(0)
})
