import { expect, test } from 'vitest'
import { ReceiveLoop } from '../../packages/runtime/src/mailbox/receive-loop.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { WANTS_REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import { Parking } from '../../packages/runtime/src/queue/parking.ts'
import { openSeat } from '../../packages/runtime/src/queue/seat.ts'

const SPIN_MS = 1
/** So long each look at the clock takes. */
const LOOK_MS = 0.001

/** How often a loop with nothing to do looks at the clock before it sleeps. */
async function looksOf(isDue: boolean): Promise<number> {
  const arena = Arena.create(4, 1 << 20)
  openSeat(arena, 1)
  let looks = 0
  let hasSlept = false
  const ports = { nowMs: () => ++looks * LOOK_MS, nextTurn: () => undefined, youngBytesLeft: () => 0 }
  const work = { step: () => false, wants: () => WANTS_REPLIES, isDue: () => isDue, idle: () => void (hasSlept = true) }
  const loop = new ReceiveLoop(new Parking(arena, 1), ports, work, SPIN_MS)
  loop.schedule()
  await Promise.resolve()
  loop.stop()
  expect(hasSlept).toBe(true)
  return looks
}

test('receive loop: it looks out for what may come any moment, and never keeps its own thread from going on for what is not due', async () => {
  expect(await looksOf(true)).toBeGreaterThan(SPIN_MS / LOOK_MS / 2)
  expect(await looksOf(false)).toBeLessThan(10)
})
