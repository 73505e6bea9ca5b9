import { expect, test, vi } from 'vitest'
import { nodeClock } from '../../packages/runtime/src/node/clock.ts'

test('clock: time passes for the runtime also where a test runner has stopped it', () => {
  const clock = nodeClock()
  vi.useFakeTimers()
  try {
    const [startMs, fakedMs] = [clock.nowMs(), performance.now()]
    while (clock.nowMs() === startMs);
    expect(performance.now()).toBe(fakedMs)
    expect(clock.nowMs()).toBeGreaterThan(startMs)
  } finally {
    vi.useRealTimers()
  }
})
