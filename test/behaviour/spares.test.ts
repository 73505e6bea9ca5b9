import { fileURLToPath } from 'node:url'
import { ActorSystem, actorsIn, child, InvalidArgumentError } from '@troupe/runtime'
import { expect, test, vi } from 'vitest'
import { Counter } from '../actors/counter.ts'
import { Loading } from '../actors/loading.ts'
import { Onlooker } from '../actors/onlooker.ts'
import { Threaded } from '../actors/threaded.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, range, rejection, startSystem } from './scene.ts'
import { runScript } from './script.ts'

test('spares: a spawn and a restart take one, when there is one', async () => {
  const system = await startSystem({ spares: 2 })
  const started = collect(system, 'started')
  // Now and then, so that there is time to make the next ones.
  const tries = { timeout: 30_000, interval: 100 }
  await vi.waitFor(async () => {
    const victim = await system.spawn(Victim)
    expect(started.at(-1)).toEqual({ path: victim.path, incarnation: 1, warm: true })
    const restarted = next(system, 'started', victim.path)
    await system.kill(victim)
    expect(await restarted).toEqual({ path: victim.path, incarnation: 2, warm: true })
  }, tries)
})

test('spares: 0 is none', async () => {
  const system = await startSystem({ spares: 0, children: [child(Counter, { name: 'first' })] })
  const started = collect(system, 'started')
  await Promise.all(range(3).map(() => system.spawn(Counter)))
  expect(started.map(({ warm }) => warm)).toEqual([false, false, false])
})

test('spares: they are nobody: not in the tree, no event tells of them, and nothing of them is seen in an actor', async () => {
  const system = await startSystem({ spares: 3 })
  const [started, exited] = [collect(system, 'started'), collect(system, 'exited')]
  const ref = await system.spawn(Threaded, { name: 'only' })
  await eventually(async () => expect((await ref.ask.threadId()) > 0).toBe(true))
  const tree = await system.tree()
  expect(tree.children.flatMap(({ children }) => children.map(({ path }) => path))).toEqual(['/user/only'])
  expect(started.map(({ path }) => path)).toEqual(['/user/only'])
  expect(exited).toEqual([])
  expect(await ref.ask.listeners()).toEqual(await (await system.spawn(Threaded)).ask.listeners())
})

test('spares: an isolate that had an actor is never used for another', async () => {
  const system = await startSystem({ spares: 2 })
  const threads: number[] = []
  for (let i = 0; i < 8; i++) {
    const ref = await system.spawn(Threaded)
    threads.push(await ref.ask.threadId())
    await system.stopActor(ref)
  }
  expect(new Set(threads).size).toBe(threads.length)
})

test('spares: killed in the hand-over, at any moment: each incarnation ends once, and an ask is answered or told of it (G8)', async () => {
  const system = await startSystem({ spares: 2 })
  const exited = collect(system, 'exited')
  const outcomes: Promise<string>[] = []
  for (let i = 0; i < 20; i++) {
    const victim = await system.spawn(Victim)
    await system.kill(victim)
    outcomes.push(
      victim.ask.echo(i).then(
        () => 'answered',
        (error: Error) => error.name,
      ),
    )
    // Its successor is being handed over, or just has been.
    for (let turn = 0; turn < i % 7; turn++) await new Promise((resolve) => setImmediate(resolve))
    await system.kill(victim)
    await system.stopActor(victim)
  }
  for (const outcome of await Promise.all(outcomes)) expect(['answered', 'ActorDownError', 'ActorStoppedError']).toContain(outcome)
  const ends = exited.map(({ path, incarnation }) => `${path} ${incarnation}`)
  expect(new Set(ends).size).toBe(ends.length)
})

test('spares: one that dies when it is given its actor is no failed start, and whoever gets that instead is heard (G8)', async () => {
  const preload = fileURLToPath(new URL('scripts/dying-spares.mjs', import.meta.url))
  const { code, output, errors } = await runScript('tooled.mjs', [], ['--import', preload])
  expect([output, errors, code]).toEqual(['[null,null,null] 42\n', '', 0])
})

test("spares: what an actor imports of Node's own is loaded ahead where its module was named, or such an actor has started", async () => {
  const system = await startSystem({ spares: 1 })
  const isThere = async (here: ActorSystem): Promise<boolean> => {
    const onlooker = await here.spawn(Onlooker)
    const answer = await onlooker.ask.hasLoaded('http')
    await here.stopActor(onlooker)
    return answer
  }
  const comes = (here: ActorSystem) => vi.waitFor(async () => expect(await isThere(here)).toBe(true), { timeout: 30_000, interval: 100 })
  expect(await isThere(system), 'nobody needs it').toBe(false)
  await system.spawn(Loading)
  await comes(system)
  // Its bundle is there by now.
  actorsIn(Loading.module)
  await comes(await startSystem({ spares: 1 }))
})

test('spares: an option out of its range is refused', async () => {
  for (const spares of [-1, 1.5, 65, Number.NaN])
    expect(await rejection(ActorSystem.start({ name: 'test', spares }))).toEqual(
      new InvalidArgumentError(`spares must be a whole number from 0 to 64, and is ${spares}.`),
    )
})
