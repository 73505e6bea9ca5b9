import { expect, test } from 'vitest'
import { type ComlinkEndpoint, exposeActor } from '../../packages/runtime/src/ref/comlink.ts'
import type { ActorRef } from '../../packages/runtime/src/ref/ref-types.ts'

type Listener = (event: { readonly data: unknown }) => void

interface Calls {
  add(a: number, b: number): Promise<number>
  wipe(): Promise<void>
}

/** One actor with two methods, of which one is exposed, and what its client gets to hear. */
function scene() {
  const listeners = new Set<Listener>()
  const heard: Record<string, unknown>[] = []
  const called: string[] = []
  const ask: Calls = {
    async add(a, b) {
      called.push('add')
      return a + b
    },
    async wipe() {
      called.push('wipe')
    },
  }
  const endpoint: ComlinkEndpoint = {
    postMessage: (message) => void heard.push(message as Record<string, unknown>),
    addEventListener: (_, listener) => void listeners.add(listener),
    removeEventListener: (_, listener) => void listeners.delete(listener),
  }
  const end = exposeActor({ path: '/one', ask } as unknown as ActorRef<Calls>, endpoint, { methods: ['add'] })
  /** Says something in Comlink's words, and gives the answer, if there is one. */
  const say = async (data: object): Promise<unknown> => {
    heard.length = 0
    for (const listener of listeners) listener({ data })
    await new Promise((resolve) => setImmediate(resolve))
    const [answer] = heard
    return answer?.['type'] === 'HANDLER' ? 'refused' : answer && { value: answer['value'] }
  }
  return { say, end, called }
}

const argumentList = [1, 2].map((value) => ({ type: 'RAW', value }))

test('D10: a call of an exposed method is answered, and whatever else Comlink can say is refused and calls nothing', async () => {
  const { say, called } = scene()
  expect(await say({ id: '1', type: 'APPLY', path: ['add'], argumentList })).toEqual({ value: 3 })
  for (const data of [
    { type: 'APPLY', path: ['wipe'], argumentList },
    { type: 'APPLY', path: ['add', 'call'], argumentList },
    { type: 'APPLY', path: [], argumentList },
    { type: 'SET', path: ['add'], argumentList, value: argumentList[0] },
    { type: 'GET', path: ['add'] },
    { type: 'CONSTRUCT', path: ['add'], argumentList },
    { type: 'ENDPOINT', path: ['add'] },
    { type: 'APPLY', path: ['add'], argumentList: [{ type: 'HANDLER', name: 'proxy', value: 0 }] },
  ])
    expect(await say({ id: '2', ...data }), JSON.stringify(data)).toBe('refused')
  expect(called).toEqual(['add'])
})

test('D10: a release is answered, what asks for no answer gets none, and after the end nobody listens', async () => {
  const { say, end, called } = scene()
  expect(await say({ id: '1', type: 'RELEASE', path: [] })).toEqual({ value: undefined })
  expect(await say({ type: 'APPLY', path: ['add'], argumentList })).toBeUndefined()
  end()
  expect(await say({ id: '2', type: 'APPLY', path: ['add'], argumentList })).toBeUndefined()
  expect(called).toEqual([])
})
