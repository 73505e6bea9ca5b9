import { setImmediate as turn } from 'node:timers/promises'
import { ActorSystem } from '@troupe/runtime'
import { expect, onTestFinished, test, vi } from 'vitest'
import { placeOf } from '../../packages/actors/src/parallel/crew-place.ts'

const IDLE_MS = 1_000

test('par: whose system cannot be started is told so, and nothing fails behind it when it has not been used for a while', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', note)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(ActorSystem, 'start').mockRejectedValueOnce(new Error('no thread can be had'))
  onTestFinished(() => {
    process.off('unhandledRejection', note)
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
  const place = placeOf(undefined)
  await expect(place.crew()).rejects.toThrow('no thread can be had')
  place.release()
  await vi.advanceTimersByTimeAsync(IDLE_MS)
  await turn()
  expect(unhandled).toEqual([])
})
