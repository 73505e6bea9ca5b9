import { type ActorClass, StartFailedError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Heir, MisspeltCount, MisspeltLimit, NoList, OwnStatics, TextualCount, WrongOnThrow } from '../actors/faulty-statics.ts'
import { rejection, startSystem } from './scene.ts'

test.for([
  [WrongOnThrow, "WrongOnThrow: static onThrow is 'crsh', and must be 'reply' or 'crash'. Did you mean 'crash'?"],
  [NoList, "NoList.reentrant is 'load', and must be an array of names of its methods."],
  [TextualCount, "TextualCount.concurrency is '2', and must be a whole number from 1 to 65536."],
  [MisspeltCount, "MisspeltCount: static concurency is nothing that the runtime knows. Did you mean 'static concurrency'?"],
  [MisspeltLimit, "MisspeltLimit: static hangAfterMS is nothing that the runtime knows. Did you mean 'static hangAfterMs'?"],
  [Heir, "Heir: static hangAfterMS is nothing that the runtime knows. Did you mean 'static hangAfterMs'?"],
] as const)(
  'statics: a wrong value, or a name that is nearly one, is a failed start that says what to write (%#)',
  async ([actor, text]) => {
    const system = await startSystem()
    const error = await rejection(system.spawn(actor as ActorClass<object, []>))
    expect(error).toBeInstanceOf(StartFailedError)
    expect((error as StartFailedError).stage).toBe('load')
    expect(error.message).toContain(`InvalidArgumentError: ${text}`)
  },
)

test('statics: what a class has for itself is its own, however it is called', async () => {
  const system = await startSystem()
  expect(await (await system.spawn(OwnStatics)).ask.schema()).toBe('large')
})
