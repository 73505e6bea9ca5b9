import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import {
  Actor,
  type ActorClass,
  type ActorRef,
  ActorSystem,
  child,
  describeExit,
  InvalidSpecError,
  NotSendableError,
  StartFailedError,
  type StartStage,
} from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { Counter } from '../actors/counter.ts'
import { Diarist, linesOf } from '../actors/diarist.ts'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import {
  ExitsInConstructor,
  FailsToRestart,
  HangsInOnStart,
  NotAnActor,
  SpinsInConstructor,
  StartsSlowly,
  TellsItselfAtStart,
  ThrowsInConstructor,
  ThrowsInOnStart,
} from '../actors/starters.ts'
import { collect, eventually, next, nodeAt, range, rejection, startSystem, temporaryFile } from './scene.ts'
import { runScript } from './script.ts'

/** What `actorsIn` gives: a class that this thread has not loaded. */
function classIn(module: string, name: string): ActorClass<Counter, []> {
  return { module, name } as unknown as ActorClass<Counter, []>
}

function file(name: string, text: string): string {
  const path = temporaryFile(name)
  writeFileSync(path, text)
  return pathToFileURL(path).href
}

/** The error names path, stage and cause; nothing of the actor is left; and its name is free. */
async function expectFailedStart(
  actor: ActorClass<unknown, []>,
  stage: StartStage,
  text: string | RegExp,
  options: { startMs?: number; args?: readonly unknown[] } = {},
): Promise<StartFailedError> {
  const system = await startSystem()
  const terminated = collect(system, 'terminated')
  for (const restart of ['permanent', 'temporary'] as const) {
    const error = await rejection(system.spawn(actor, { name: 'failing', restart, ...(options as object) }))
    expect(error).toBeInstanceOf(StartFailedError)
    expect(error.message).toContain('/user/failing did not start')
    expect(error.message).toMatch(text)
    expect((error as StartFailedError).stage).toBe(stage)
  }
  expect(await system.lookup('/user/failing')).toBe(undefined)
  expect(nodeAt(await system.tree(), '/user')!.children).toEqual([])
  await eventually(() => expect(terminated.map(({ path }) => path)).toEqual(['/user/failing', '/user/failing']))
  return (await rejection(system.spawn(actor, options as object))) as StartFailedError
}

test('start: a missing module', async () => {
  await expectFailedStart(classIn('file:///nowhere/at-all.mjs', 'Lost'), 'resolve', /nowhere\/at-all\.mjs.* Mend the path/s)
  await expectFailedStart(classIn('file:///nowhere/at-all.ts', 'Lost'), 'resolve', /nowhere\/at-all\.ts.* Mend the path/s)
})

test('start: a syntax error, in JavaScript and in TypeScript, with its place', async () => {
  await expectFailedStart(classIn(file('broken.mjs', 'export class { nonsense'), 'Broken'), 'load', /SyntaxError: .*broken\.mjs/)
  await expectFailedStart(
    classIn(file('broken.ts', 'export class Broken {\n  method( { }\n}'), 'Broken'),
    'bundle',
    /broken\.ts:\d+:\d+: ERROR/,
  )
})

test('start: what a module fails with while it is loaded, and what to do about it', async () => {
  const cases = [
    ['resolve', "import nothing from 'no-such-package'", /Cannot find package 'no-such-package'.* install the package/s],
    ['resolve', "import './not-there'", /Cannot find module .*not-there'.*plain JavaScript needs the file's extension/s],
    ['load', "import './'", /Directory import .* That is a folder\. .*import\.meta\.url/s],
    ['load', "require('node:fs')", /require is not defined.* The file is an ES module\. Use import/s],
    [
      'load',
      "import { nothing } from 'node:fs'",
      /does not provide an export named 'nothing'.* A type must be imported with `import type`/s,
    ],
  ] as const
  for (const [stage, text, expected] of cases) await expectFailedStart(classIn(file('fails.mjs', text), 'Any'), stage, expected)
  const commonJs = file('fails.cjs', "import fs from 'node:fs'")
  await expectFailedStart(classIn(commonJs, 'Any'), 'load', /Cannot use import statement outside a module.* Name it \.mjs/s)
  const addon = temporaryFile('addon.node')
  writeFileSync(addon, 'no addon')
  const loads = `import { createRequire } from 'node:module'\ncreateRequire(import.meta.url)(${JSON.stringify(addon)})`
  await expectFailedStart(classIn(file('loads.mjs', loads), 'Any'), 'load', /A native addon does not fit this Node/)
})

test('start: in TypeScript: the place, and what to do', async () => {
  const actor = (name: string, text: string) =>
    classIn(file(name, `import { Actor } from '@troupe/runtime'\n${text}\nexport class Any extends Actor {}`), 'Any')
  const cases = [
    ['resolve', "import './not-there'", /fails\.ts:2:7: ERROR: Could not resolve "\.\/not-there"\. Mend the path/],
    [
      'bundle',
      "import { nothing } from './fails.ts'\nnothing()",
      /fails\.ts:2:9: ERROR: No matching export in .* A type must be imported with `import type`/,
    ],
    ['load', "throw new TypeError('at load')", /TypeError: at load \(\S*\/fails\.ts:2:7\)/],
    [
      'load',
      "import { createRequire } from 'node:module'\ncreateRequire(import.meta.url)('./x.node')",
      /Cannot find module '\.\/x\.node'.* \(\S*\/fails\.ts:3:\d+\)\. A native addon is missing/s,
    ],
  ] as const
  for (const [stage, text, expected] of cases) await expectFailedStart(actor('fails.ts', text), stage, expected)
})

test('start: a module that throws while it is loaded', async () => {
  const error = await expectFailedStart(
    classIn(file('throws.mjs', "throw new RangeError('at load')"), 'Any'),
    'load',
    /RangeError: at load/,
  )
  expect(error.cause).toBeInstanceOf(RangeError)
})

test('start: a module whose top-level await never ends', async () => {
  const module = file('hangs.mjs', 'export class Hangs {}\nawait new Promise((resolve) => setInterval(() => {}, 1000))')
  await expectFailedStart(
    classIn(module, 'Hangs'),
    'timeout',
    'its module is still being loaded: it has a top-level await that does not settle',
    {
      startMs: 1_500,
    },
  )
})

test('start: a missing export, with what there is', async () => {
  await expectFailedStart(classIn(Counter.module, 'Countess'), 'load', /exports no class Countess\. It exports: Counter/)
})

test('start: a class that is no actor, and an export that is no class', async () => {
  await expectFailedStart(NotAnActor as unknown as ActorClass<unknown, []>, 'load', /NotAnActor in .* is not an actor/)
  await expectFailedStart(classIn(file('plain.mjs', 'export const Plain = 5'), 'Plain'), 'load', /exports no class Plain/)
})

test('start: a constructor and an onStart that throw: class and cause arrive', async () => {
  const inConstructor = await expectFailedStart(ThrowsInConstructor, 'constructor', 'its constructor failed: RangeError: not today')
  expect(inConstructor.cause).toBeInstanceOf(RangeError)
  expect((inConstructor.cause as Error).stack).toContain('ThrowsInConstructor')
  const inOnStart = await expectFailedStart(ThrowsInOnStart, 'onStart', 'its onStart failed: RangeError: not ready')
  expect(inOnStart.cause).toBeInstanceOf(RangeError)
})

test('start: what hangs is killed after startMs', async () => {
  const late = { startMs: 1_500 }
  await expectFailedStart(HangsInOnStart, 'timeout', 'not ready within 1500 ms: its onStart has not settled. Its module: file://', late)
  await expectFailedStart(SpinsInConstructor, 'timeout', 'not ready within 1500 ms: its constructor is still running.', late)
})

test.for([0, 3])('start: process.exit(%i) in a constructor', async (code) => {
  const actor = ExitsInConstructor as unknown as ActorClass<unknown, []>
  await expectFailedStart(actor, 'constructor', `ended before it was ready (process.exit(${code}))`, { args: [code] })
})

test('start: a class that an isolate cannot find is refused before anything starts', async () => {
  const system = await startSystem()
  class Homeless extends Actor {}
  class Heir extends Counter {}
  expect(await rejection(system.spawn(Homeless as never))).toBeInstanceOf(InvalidSpecError)
  expect((await rejection(system.spawn(Heir))).message).toContain('Heir inherits its module from another class')
  expect(await rejection(system.spawn(undefined as never))).toBeInstanceOf(InvalidSpecError)
  const unawaited = import('../actors/counter.ts').then((module) => module.Counter)
  expect((await rejection(system.spawn(unawaited as never))).message).toContain('the first argument is a Promise. Await it')
})

test('start: options that are none are refused with what they look like', async () => {
  const system = await startSystem()
  for (const [options, what] of [
    ['counter', "'counter'"],
    [[10], 'an array'],
    [10, '10'],
    [null, 'null'],
  ] as const) {
    const { message } = await rejection(system.spawn(Counter, options as never))
    expect(message).toContain(`spawn(Counter, …): the options are ${what}, and must be an object: { name: 'counter', args: [ … ] }.`)
    expect((await rejection(startSystem({ children: [child(Counter, options as never)] }))).message).toContain(
      `the options are ${what}, and`,
    )
  }
  expect((await rejection(ActorSystem.start({} as never))).message).toContain("the name is missing, as in { name: 'shop' }")
})

test('start: arguments that cannot be sent are refused with their path', async () => {
  const system = await startSystem()
  const error = await rejection(system.spawn(Counter, { args: [(() => 1) as never] }))
  expect(error).toBeInstanceOf(NotSendableError)
  expect(error.message).toContain('args[0] cannot be sent (new Counter(…)): it is a function')
  const named = await rejection(system.spawn(Counter, { name: 'x', args: [(() => 1) as never] }))
  expect(named.message).toContain('(new Counter(…) for /user/x)')
})

test('start: what is no spec is refused by its place, and args that are no array', async () => {
  const start = (children: unknown) => rejection(startSystem({ children } as never))
  expect((await start([Counter])).message).toContain(
    "/children[0]: is the class Counter, and must be a spec: child(Counter, { name: 'counter' }).",
  )
  expect((await start([undefined])).message).toContain('/children[0]: is undefined, and not a spec')
  expect((await start({ counter: Counter })).message).toContain('/: children is an object, and must be an array of specs')
  expect((await start([child(Counter, { name: 'x', args: 10 } as never)])).message).toContain('/x: args is 10, and must be an array')
})

test('start: of a system with a child that fails: the error names it, and what had started is stopped again', async () => {
  const log = temporaryFile('log')
  const good = child(Diarist, { name: 'good', args: [log] })
  const error = await rejection(ActorSystem.start({ name: 'test', children: [good, child(ThrowsInOnStart, { name: 'bad' })] }))
  expect(error).toBeInstanceOf(StartFailedError)
  expect(error).toMatchObject({ stage: 'onStart' })
  expect(error.message).toContain('/bad did not start')
  expect(linesOf(log)).toEqual(['good starts', 'good stops', 'good has stopped'])
})

test('G10: a restart that fails is tried again until it succeeds, and each try counts', async () => {
  const recorder = child(Recorder, { name: 'recorder' })
  const system = await startSystem({ children: [recorder] })
  const ref = await system.spawn(FailsToRestart, { args: [system.ref(recorder), 2] })
  await system.kill(ref)
  expect(await ref.ask.incarnation()).toBe(4)
  // The recorder hears it from another sender than us: no order between the two is promised.
  await eventually(async () => expect(await system.ref(recorder).ask.noted()).toEqual([1, 2, 3, 4]))
  expect(nodeAt(await system.tree(), ref.path)).toMatchObject({ state: 'running', restarts: 1 })
})

test('G10: restarts that keep failing end at the intensity, with the story', async () => {
  const recorder = child(Recorder, { name: 'recorder' })
  const system = await startSystem({ children: [recorder] })
  const ref = await system.spawn(FailsToRestart, { name: 'failing', args: [system.ref(recorder), 100] })
  const [gaveUp, ended] = [next(system, 'gaveUp', ref.path), system.terminated(ref)]
  await system.kill(ref)
  expect(await gaveUp).toMatchObject({ restarts: 3, withinMs: 5_000, reason: { kind: 'startFailed', stage: 'onStart' } })
  expect(describeExit(await ended)).toContain('start 4 failed')
  // The recorder hears it from another sender than us: no order between the two is promised.
  await eventually(async () => expect(await system.ref(recorder).ask.noted()).toEqual([1, 2, 3, 4]))
})

test('start: what an actor tells itself before it is ready is handled when it is, at each start', async () => {
  const system = await startSystem()
  const ref = await system.spawn(TellsItselfAtStart)
  const steps = ['ready', 'told by the constructor', 'told by onStart']
  // What others have sent may be handled in between: there is no order between different senders.
  await eventually(async () => expect(await ref.ask.steps()).toEqual(steps))
  await system.kill(ref)
  await eventually(async () => expect(await ref.ask.steps()).toEqual(steps))
})

test('start: a kill before it is ready fails the start, once', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const spawning = rejection(system.spawn(StartsSlowly, { name: 'slow', args: [gate] }))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const ref = await system.lookup('/user/slow')
  await system.kill(ref!)
  expect(await spawning).toBeInstanceOf(StartFailedError)
  gate.tell.open()
  expect(await (await system.spawn(StartsSlowly, { name: 'slow', args: [gate] })).ask.incarnation()).toBe(1)
})

test('start: a kill at any moment of it leaves one outcome, and nobody behind', async () => {
  const system = await startSystem()
  for (const i of range(20)) {
    const spawning = system.spawn(Counter, { name: 'target', args: [i], restart: 'temporary' }).catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
    const ref = await system.lookup('/user/target')
    if (ref !== undefined) await system.kill(ref)
    const outcome = await spawning
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(StartFailedError)
    // The kill came before there was anything to kill, or after it was ready.
    else await system.stopActor(outcome as ActorRef<Counter>)
    expect(await system.lookup('/user/target')).toBe(undefined)
  }
  expect(nodeAt(await system.tree(), '/user')!.children).toEqual([])
})

test.for([
  ['main-with-actor.mjs', 'main-with-actor.mjs', '[/user/Mixed-1] main'],
  ['main-with-importer.mjs', 'importer-of-main.mjs', '[/user/Importer-1] main'],
] as const)(
  'starts: an actor whose module is a program, or imports it, is refused, and no system starts another one: %s',
  async ([name, loaded, main]) => {
    const atOnce = await runScript(name)
    expect(atOnce).toMatchObject({ code: 0, errors: '' })
    expect(atOnce.output).toContain(`${loaded} starts a system, and an isolate is just loading it to find its actor. Move the actor class`)
    // After an await its class is there, and the actor has started: the program's second start is its end, as often as it is restarted.
    process.env['MAIN_AWAITS'] = 'true'
    onTestFinished(() => void delete process.env['MAIN_AWAITS'])
    const later = await runScript(name)
    expect(later).toMatchObject({ code: 0, errors: '' })
    expect(later.output).toContain(`${name} starts a system, and this isolate has loaded it to find its actor.`)
    const mains = new Set(later.output.split('\n').filter((line) => line.endsWith('main')))
    expect([...mains]).toEqual(['main', main])
  },
)
