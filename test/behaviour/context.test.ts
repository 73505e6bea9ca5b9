import { InvalidArgumentError, NotSendableError, registerContext, traceContext } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Carrying } from '../actors/carrying.ts'
import { tenant } from '../actors/tenant.ts'
import { Unaware } from '../actors/unaware.ts'
import { eventually, rejection, startSystem } from './scene.ts'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

async function scene() {
  const system = await startSystem({ context: ['tenant', 'trace'] })
  const [a, b] = [await system.spawn(Carrying), await system.spawn(Carrying)]
  return { system, a, b }
}

test('context: a registered storage has its value in the handler of an ask, a tell and an askSync, also after an await', async () => {
  const { a } = await scene()
  await tenant.run('acme', async () => {
    expect(await a.ask.seen()).toEqual(['acme', undefined])
    expect(await a.ask.seenLater()).toEqual(['acme', undefined])
    expect(a.askSync.seen()).toEqual(['acme', undefined])
    a.tell.note()
    // The reply goes on where its ask was made.
    expect(tenant.getStore()).toBe('acme')
    const both = await traceContext.run({ traceparent }, () => a.ask.seen())
    expect(both).toEqual(['acme', traceparent])
  })
  expect(await a.ask.told()).toEqual([['acme', undefined]])
})

test('context: a message without a value is handled without one, whatever was handled before it', async () => {
  const { a, b } = await scene()
  for (let i = 0; i < 50; i++) {
    const [first, second, third] = await Promise.all([
      tenant.run(`t${i}`, () => a.ask.seenBy(b)),
      a.ask.seenBy(b),
      tenant.run('other', () => a.ask.seenLater()),
    ])
    // What it asks wakes its event loop within its own context, in which the next message must not be handled.
    const slept = tenant.run('slept', () => a.ask.seenByLater(b))
    expect([await a.ask.seen(), await slept]).toEqual([
      [undefined, undefined],
      ['slept', undefined],
    ])
    expect([first, second, third]).toEqual([
      [`t${i}`, undefined],
      [undefined, undefined],
      ['other', undefined],
    ])
  }
})

test('context: what a handler asks inherits it, in both colours, and through one that has no such storage', async () => {
  const { system, a, b } = await scene()
  const unaware = await system.spawn(Unaware)
  await tenant.run('acme', async () => {
    expect(await a.ask.seenBy(b)).toEqual(['acme', undefined])
    expect(await a.ask.seenBySync(b)).toEqual(['acme', undefined])
    expect(await traceContext.run({ traceparent }, () => unaware.ask.seenBy(b))).toEqual(['acme', traceparent])
  })
})

test('context: streams, timers and callbacks have the context in which they were begun, set and passed', async () => {
  const { a } = await scene()
  const items: string[] = []
  await tenant.run('acme', async () => {
    for await (const item of a.ask.stream(3)) items.push(item)
    await a.ask.setTimer()
  })
  expect(items).toEqual(['0 acme', '1 acme', '2 acme'])
  await eventually(async () => expect(await a.ask.timer()).toEqual(['acme', undefined]))
  expect(await tenant.run('acme', () => a.ask.callBack(() => String(tenant.getStore())))).toBe('acme')
})

test('context: arguments are what they were, and so are those of dead letters', async () => {
  const { system, a } = await scene()
  await tenant.run('acme', async () => {
    expect(await a.ask.count()).toBe(0)
    expect(await a.ask.count(1, undefined, 'x')).toBe(3)
    ;(a.tell as unknown as { missing(n: number): boolean }).missing(1)
    await a.ask.seen()
    await system.stopActor(a)
    a.tell.count(1, 2)
  })
  await eventually(() =>
    expect(system.deadLetters.list().map(({ method, args }) => [method, args])).toEqual([
      ['missing', [1]],
      ['count', [1, 2]],
    ]),
  )
})

test('context: nothing travels that the system does not list; a name that nothing is registered for, or twice, is refused', async () => {
  const system = await startSystem()
  const a = await system.spawn(Carrying)
  expect(await tenant.run('acme', () => traceContext.run({ traceparent }, () => a.ask.seen()))).toEqual([undefined, undefined])
  const unknown = await rejection(startSystem({ context: ['tenent'] }))
  expect(unknown).toBeInstanceOf(InvalidArgumentError)
  expect(unknown.message).toMatch(/'tenent', which nothing is registered for.*Registered: trace, tenant/)
  expect(() => registerContext('trace', tenant)).toThrow(/registered already/)
  for (const storage of [{}, undefined, () => 'acme'])
    expect(() => registerContext('user', storage as never)).toThrow(/"user" is registered with .*, and must be with an AsyncLocalStorage/)
})

test('context: a value that cannot be sent is refused by its name in the context', async () => {
  const { a } = await scene()
  const error = await rejection(tenant.run(Symbol('no') as never, () => a.ask.seen()))
  expect(error).toBeInstanceOf(NotSendableError)
  expect(error.message).toContain('the context of')
  // Also where a function among the arguments is a callback, which goes on being one.
  const each = { each: () => 'acme' } as never
  const inContext = 'args[0].each cannot be sent (the context of /user/Carrying-1.'
  for (const send of [() => a.ask.seen(), () => a.ask.callBack(() => ''), () => a.askSync.seen(), () => a.ask.stream(1).next()]) {
    const refused = await rejection(tenant.run(each, async () => send()))
    expect(refused).toBeInstanceOf(NotSendableError)
    expect(refused.message).toContain(inContext)
  }
  expect(() => tenant.run(each, () => a.tell.note())).toThrow(inContext)
  expect(await tenant.run({ name: 'acme' } as never, () => a.ask.callBack(() => 'called'))).toBe('called')
})
