import type { ActorRef, Queue } from '@troupe/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import type { BellMessage } from '../../packages/actors/src/guest-book.ts'
import { type Turn, takeTurn } from '../../packages/actors/src/turn.ts'
import { type Hospitable, Visit } from '../../packages/actors/src/visit.ts'

afterEach(() => vi.useRealTimers())

test('leases: who has given up asks no more, also when it had to introduce itself anew first', async () => {
  let answer: (guest: { readonly guest: number }) => void = () => undefined
  const hello = new Promise<{ readonly guest: number }>((resolve) => (answer = resolve))
  const service = { ask: () => ({ hello: () => hello }) } as unknown as ActorRef<Hospitable>
  const visit = new Visit({ name: 'host' }, service)
  const givenUp = new AbortController()
  const called: number[] = []
  const call = visit.call(async (guest) => called.push(guest), givenUp.signal)
  givenUp.abort()
  answer({ guest: 7 })
  await call.catch(() => undefined)
  expect(called).toEqual([])

  vi.useFakeTimers()
  const asked: (AbortSignal | undefined)[] = []
  const givenBack: number[] = []
  const ports = {
    path: '/pool',
    ask: async (_: number, signal?: AbortSignal): Promise<Turn<number>> => {
      asked.push(signal)
      return { bell: {} as Queue<BellMessage> }
    },
    giveUp: (ticket: number) => givenBack.push(ticket),
  }
  const nothing = (): void => undefined
  const deaf = { listen: nothing, unlisten: nothing, hear: nothing } as unknown as Visit
  const turn = takeTurn(deaf, ports, 3, 800).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(600)
  expect(asked.map((signal) => signal?.aborted)).toEqual([undefined, false])
  await vi.advanceTimersByTimeAsync(200)
  expect(await turn).toMatchObject({ code: 'TROUPE_LEASE_TIMEOUT' })
  expect([asked[1]!.aborted, givenBack]).toEqual([true, [3]])
})
