import { once } from 'node:events'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import { exposeActor, proxy } from '@troupe/runtime/comlink'
import { expect, onTestFinished, test } from 'vitest'
import { Tally } from '../actors/tally.ts'
import { startSystem } from '../behaviour/scene.ts'

const requireOfRuntime = createRequire(createRequire(import.meta.url).resolve('@troupe/runtime/package.json'))
const comlink = pathToFileURL(requireOfRuntime.resolve('comlink').replace(/umd\/comlink\.js$/, 'esm/comlink.mjs')).href

test('D10: a worker with the unmodified Comlink calls an actor, and only what is exposed', async () => {
  const system = await startSystem()
  const tally = await system.spawn(Tally)
  const { port1, port2 } = new MessageChannel()
  const close = exposeActor(tally, port1, { methods: ['add', 'fail'] })
  const worker = new Worker(new URL('comlink-client.mjs', import.meta.url), { workerData: { comlink, port: port2 }, transferList: [port2] })
  onTestFinished(async () => {
    close()
    port1.close()
    await worker.terminate()
  })
  const [answers] = (await once(worker, 'message')) as [unknown[]]
  expect(answers).toEqual([
    1,
    2,
    'RangeError: no',
    expect.stringMatching(/^TypeError: .*only calls of its exposed methods are answered, and this was APPLY reset/),
    expect.stringMatching(/^TypeError: .*only calls of its exposed methods/),
  ])
})

test('D10: nonsense, and writes to prototypes, harm nobody', async () => {
  const system = await startSystem()
  const tally = await system.spawn(Tally)
  const { port1, port2 } = new MessageChannel()
  exposeActor(tally, port1, { methods: ['add'] })
  onTestFinished(() => {
    port1.close()
    port2.close()
  })
  const raw = (value: unknown) => ({ type: 'RAW', value })
  const bad = [
    null,
    'text',
    { id: 1, type: 'APPLY' },
    { id: 'a', type: 'SET', path: ['__proto__', '__proto__', 'polluted'], value: raw(true) },
    { id: 'b', type: 'APPLY', path: ['constructor'], argumentList: [] },
    { id: 'c', type: 'APPLY', path: 'add', argumentList: 7 },
    { id: 'd', type: 'APPLY', path: ['add'], argumentList: [{ type: 'HANDLER', name: 'proxy', value: 1 }] },
    { id: 'e', type: 'CONSTRUCT', path: [], argumentList: [] },
    { id: 'f', type: 'APPLY', path: ['add'], argumentList: [raw(5)] },
  ]
  const answers: { id: string; type: string }[] = []
  const all = new Promise<void>((resolve) => {
    port2.on('message', (answer) => {
      answers.push(answer)
      if (answers.length === 6) resolve()
    })
  })
  for (const message of bad) port2.postMessage(message)
  await all
  expect(Object.fromEntries(answers.map(({ id, type }) => [id, type]))).toEqual({
    a: 'HANDLER',
    b: 'HANDLER',
    c: 'HANDLER',
    d: 'HANDLER',
    e: 'HANDLER',
    f: 'RAW',
  })
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  expect(() => exposeActor(tally, port1, { methods: ['constructor' as never] })).toThrow(/can be no method/)
})

test('D10: proxy(ref) is a Remote of Comlink', async () => {
  const system = await startSystem()
  const remote = proxy(await system.spawn(Tally))
  expect(await remote.add(2)).toBe(2)
  expect(await remote.add(3)).toBe(5)
  await expect(remote.fail('no')).rejects.toThrow('no')
})
