import { expect, test } from 'vitest'
import { Crew, type Home } from '../../packages/actors/src/parallel/crew.ts'

test('executor: an isolate that is being ended is nobody else’s any more, from that call on', async () => {
  const ended: string[] = []
  let started = 0
  const home = {
    spawn: async () => ({ path: `/user/runner-${++started}`, ask: () => ({}) }),
    supervisor: () => ({ terminateChild: async (name: string) => void ended.push(name) }),
  } as unknown as Home
  const crew = new Crew(home, 'crew')
  const first = await crew.runner(0)
  const dismissed = crew.dismiss(0)
  expect((await crew.runner(0)).ref.path).toBe('/user/runner-2')
  await dismissed
  expect([first.ref.path, ended, crew.isWarm(1)]).toEqual(['/user/runner-1', ['runner-1'], true])
})
