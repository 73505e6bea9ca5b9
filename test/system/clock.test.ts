import { expect, test, vi } from 'vitest'
import { nodeClock } from '../../packages/runtime/src/node/clock.ts'

test('clock: time passes for the runtime also where a test runner has stopped it', async () => {
  const clock = nodeClock()
  vi.useFakeTimers()
  try {
    const [startMs, fakedMs] = [clock.nowMs(), performance.now()]
    await new Promise<void>((resolve) => void clock.after(5, resolve))
    expect(performance.now()).toBe(fakedMs)
    expect(clock.nowMs()).toBeGreaterThan(startMs)
  } finally {
    vi.useRealTimers()
  }
})
