import { ActorSystem, InvalidArgumentError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Counter } from '../actors/counter.ts'
import { rejection, startSystem } from '../behaviour/scene.ts'

test('a misspelt option or event is refused, and the text says what was probably meant', async () => {
  const misspelt = { name: 'shop', childern: [] } as unknown as { name: string }
  await expect(ActorSystem.start(misspelt)).rejects.toThrow("ActorSystem.start: there is no option 'childern'. Did you mean 'children'?")
  await expect(ActorSystem.start(undefined as never)).rejects.toThrow(InvalidArgumentError)
  const system = await startSystem()
  const counter = await system.spawn(Counter, { name: 'counter' })
  expect(() => counter.ask({ timeout: 50 } as never)).toThrow(
    "/user/counter.ask(…): there is no option 'timeout'. Did you mean 'timeoutMs'?",
  )
  expect(() => counter.ask('add' as never)).toThrow(InvalidArgumentError)
  expect(() => counter.tell({ whenful: 'wait' } as never)).toThrow("Did you mean 'whenFull'?")
  expect(() => counter.tell(null as never)).toThrow('/user/counter.tell(…): the options are null')
  expect(() => system.events.on('exit' as never, () => undefined)).toThrow("events.on: there is no event 'exit'. Did you mean 'exited'?")
  expect(() => system.events.on('exited', undefined as never)).toThrow("events.on('exited', …): the listener is undefined")
  await expect(system.stop({ deadline: 5 } as never)).rejects.toThrow(
    "system.stop: there is no option 'deadline'. Did you mean 'deadlineMs'?",
  )
  await expect(system.stop(5 as never)).rejects.toThrow('system.stop: the options are 5')
  await expect(system.stopActor(counter, { drian: true } as never)).rejects.toThrow("Did you mean 'drain'?")
  expect(await counter.ask.add(1)).toBe(1)
  await expect(ActorSystem.start({ name: 'shop', limits: 5 as never })).rejects.toThrow('limits is 5, and must be an object')
})

test('options in the place of a class are called what they are', async () => {
  const system = await startSystem()
  const counter = await system.spawn(Counter)
  const options = { args: [1] } as never
  const text = 'the first argument is an object, and must be an actor class, or what actorsIn(…) gives.'
  expect((await rejection(system.spawn(options))).message).toMatch(`the spec has a fault:\n  - spawn(default, …): ${text}`)
  expect((await rejection(system.upgrade(counter, options))).message).toContain(text)
})

test('a wrong value of an option of a call is refused, and does not act as another one', async () => {
  const system = await startSystem()
  const counter = await system.spawn(Counter, { name: 'counter' })
  const whenFull = (call: string) => `/user/counter.${call}(…): whenFull is 'waitt', and must be 'wait' or 'refuse'. Did you mean 'wait'?`
  expect(() => counter.tell({ whenFull: 'waitt' } as never)).toThrow(whenFull('tell'))
  expect(() => counter.ask({ whenFull: 'waitt' } as never)).toThrow(whenFull('ask'))
  expect(() => counter.askSync({ whenFull: 'waitt' } as never)).toThrow(whenFull('askSync'))
  expect(() => counter.ask({ whenFull: true } as never)).toThrow("whenFull is true, and must be 'wait' or 'refuse'.")
  expect(() => counter.ask({ signal: new AbortController() } as never)).toThrow(
    '/user/counter.ask(…): signal is an object, and must be an AbortSignal. Pass controller.signal.',
  )
  expect(() => counter.ask({ signal: 'abort' } as never)).toThrow("signal is 'abort', and must be an AbortSignal.")
})
