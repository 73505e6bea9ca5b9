import fc from 'fast-check'
import { expect } from 'vitest'
import type { ExitReason } from '../../packages/runtime/src/base/exit-reason.ts'
import type { DynamicSupervisorOptions, Restart, SupervisorOptions } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type { Minds } from './minds.ts'
import { OtpModel } from './otp-model.ts'
import { dynamic, over, worker } from './specs.ts'
import { CRASH, KILLED, NO_START, NORMAL, SHUTDOWN, World } from './world.ts'

/**
 * Two random stories. `likeOtp`: a sequential supervisor written as OTP's (otp-model.ts) and ours are led through the same
 * events, one at a time, and must do and answer the same. `underFire`: starts and stops take as long as they like, and
 * anything happens meanwhile; World checks with each command what must always hold, and everything must come to an end.
 * Stories are small words and numbers, so that a failure can be read.
 */
export interface Runs {
  readonly seed?: number
  readonly numRuns: number
}

type Kid = readonly [name: string, restart: Restart, significant: 'significant' | '']
type Top =
  | ({ readonly kind: 'static'; readonly kids: readonly Kid[] } & Pick<SupervisorOptions, 'strategy' | 'intensity' | 'autoShutdown'>)
  | ({ readonly kind: 'dynamic' } & Pick<DynamicSupervisorOptions, 'intensity' | 'per' | 'maxChildren'>)
type Op =
  | readonly [op: 'exit' | 'answer', pick: number, how: keyof typeof REASONS]
  | readonly [op: Request, kid: Kid]
  | readonly ['pass' | 'echo', number]
  | readonly ['turn' | 'stop' | 'kill']
  | readonly ['change', Top & { kind: 'static' }]
type Request = 'start' | 'terminate' | 'restart' | 'delete'

const REASONS = { crash: CRASH, normal: NORMAL, shutdown: SHUTDOWN, killed: KILLED } as const satisfies Record<string, ExitReason>

const kid: fc.Arbitrary<Kid> = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.constantFrom('permanent', 'permanent', 'transient', 'temporary'),
  fc.constantFrom('significant', ''),
)
const how = fc.constantFrom('crash', 'crash', 'normal', 'shutdown', 'killed' as const)
const pick = fc.nat({ max: 100 })
const intensity = fc.record({ restarts: fc.constantFrom(0, 1, 2, 3, 8, 16, 16), withinMs: fc.constantFrom(1, 10, 20) })

const staticTop: fc.Arbitrary<Top & { kind: 'static' }> = fc.record({
  kind: fc.constant('static' as const),
  strategy: fc.constantFrom('one-for-one', 'one-for-all', 'rest-for-one'),
  autoShutdown: fc.constantFrom('never', 'any-significant', 'all-significant'),
  intensity,
  kids: fc.uniqueArray(kid, { maxLength: 4, size: 'max', selector: ([name]) => name }),
})

const dynamicTop: fc.Arbitrary<Top> = fc.record({
  kind: fc.constant('dynamic'),
  per: fc.constantFrom('child', 'supervisor'),
  maxChildren: fc.constantFrom(2, 3, Number.POSITIVE_INFINITY),
  intensity,
})

const request: fc.Arbitrary<Op> = fc.tuple(fc.constantFrom('start', 'terminate', 'restart', 'delete'), kid)
const sequential: fc.Arbitrary<Op> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('exit'), pick, how) },
  { weight: 4, arbitrary: fc.constant<Op>(['turn']) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('pass'), fc.constantFrom(0, 1, 5, 10, 11, 20, 21)) },
  { weight: 5, arbitrary: request },
  { weight: 1, arbitrary: fc.tuple(fc.constant('change'), staticTop) },
)
const concurrent: fc.Arbitrary<Op> = fc.oneof(
  { weight: 24, arbitrary: sequential },
  { weight: 6, arbitrary: request },
  { weight: 40, arbitrary: fc.tuple(fc.constant('answer'), pick, how) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('echo'), pick) },
  { weight: 1, arbitrary: fc.constantFrom<Op[]>(['stop'], ['stop'], ['kill']) },
)

function specOf(top: Top) {
  if (top.kind === 'dynamic') {
    const { kind: _, ...options } = top
    return dynamic(options)
  }
  const { kind: _, kids, ...options } = top
  const children = kids.map((one) => workerOf(one, top.autoShutdown !== 'never'))
  return over(children, options)
}

/** A significant child needs a supervisor that heeds it, and must not be permanent. */
function workerOf([name, restart, significant]: Kid, heeded: boolean) {
  return worker(name, { restart, significant: heeded && significant === 'significant' && restart !== 'permanent' })
}

// ---- likeOtp --------------------------------------------------------------------------------------------------------

/** Which starts fail, in the order in which they happen: both supervisors are given the same. */
const failures = fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 12, size: 'max' })

export function likeOtp(minds: Minds, runs: Runs): void {
  const story = fc.property(staticTop, failures, fc.array(sequential, { maxLength: 40, size: 'max' }), (top, fails, ops) => {
    const spec = specOf(top) as ReturnType<typeof over>
    const world = new World(minds, spec)
    const model = new OtpModel(spec, startsWith(fails))
    world.startsWith = startsWith(fails)
    const both = { world, model, heeded: spec.autoShutdown !== 'never' }
    compare(both, () => [world.boot(), model.boot()])
    for (const op of ops) if (world.ended === undefined) compare(both, () => tellBoth(both, op))
    compare(both, () => [world.stop(), model.stop()])
  })
  fc.assert(story, runs)
}

interface Both {
  readonly world: World
  readonly model: OtpModel
  heeded: boolean
}

function startsWith(fails: readonly number[]): () => boolean {
  let starts = 0
  return () => !fails.includes(starts++)
}

function compare({ world, model }: Both, step: () => unknown): void {
  step()
  same(world.news(), model.log.splice(0))
  same(world.phases, model.phases)
  same([world.ended !== undefined], [model.ended])
}

/** `expect` is slow, and this is asked a hundred thousand times: it only words the difference. */
function same(ours: readonly unknown[], theirs: readonly unknown[]): void {
  if (ours.length !== theirs.length || ours.some((one, i) => one !== theirs[i])) expect(ours).toEqual(theirs)
}

function tellBoth(both: Both, op: Op): void {
  const { world, model, heeded } = both
  switch (op[0]) {
    case 'pass':
      world.nowMs += op[1]
      return
    case 'turn':
      world.turn()
      return model.turn(world.nowMs)
    case 'exit': {
      const child = world.alive[op[1] % (world.alive.length || 1)]
      if (child === undefined) return
      world.exit(child.name, REASONS[op[2]])
      return model.exit(child.name, REASONS[op[2]], world.nowMs)
    }
    case 'change': {
      const spec = specOf(op[1]) as ReturnType<typeof over>
      both.heeded = spec.autoShutdown !== 'never'
      return expect(world.changeSpec(spec)).toEqual(model.changeSpec(spec))
    }
    case 'start':
    case 'terminate':
    case 'restart':
    case 'delete':
      return expect(ask(world, op[0], op[1], heeded)).toEqual(ask(model, op[0], op[1], heeded))
  }
}

function ask(supervisor: World | OtpModel, what: Request, one: Kid, heeded: boolean) {
  if (what === 'start') return supervisor.startChild(workerOf(one, heeded))
  return supervisor[`${what}Child`](one[0])
}

// ---- underFire ------------------------------------------------------------------------------------------------------

const fires = fc.array(concurrent, { maxLength: 100, size: 'max' })

export function underFire(minds: Minds, runs: Runs): void {
  const story = fc.property(fc.oneof(staticTop, dynamicTop), fc.boolean(), fires, (top, slowBoot, ops) => {
    const world = new World(minds, specOf(top))
    const heeded = top.kind === 'static' && top.autoShutdown !== 'never'
    world.holdStarts = world.holdStops = slowBoot
    world.boot()
    world.holdStarts = world.holdStops = true
    for (const op of ops) if (world.ended === undefined) fire(world, op, heeded)
    world.stop()
    drain(world)
    expect(world.ended).not.toBe(undefined)
    expect(world.replies.size).toBe(world.requests)
  })
  fc.assert(story, runs)
}

function fire(world: World, op: Op, heeded: boolean): void {
  switch (op[0]) {
    case 'pass':
      world.nowMs += op[1]
      return
    case 'echo':
      return world.told.length > 0 ? echo(world, op[1]) : undefined
    case 'turn':
      return void world.turn()
    case 'stop':
      return void world.stop()
    case 'kill':
      return void world.stop('kill')
    case 'exit':
      if (world.alive.length > 0) world.exit(world.alive[op[1] % world.alive.length]!.name, REASONS[op[2]])
      return
    case 'answer':
      return answer(world, op[1], REASONS[op[2]])
    case 'change':
      if (world.spec.kind === 'supervisor') world.changeSpec(specOf(op[1]) as ReturnType<typeof over>)
      return
    default:
      ask(world, op[0], op[1], heeded)
  }
}

/** History repeats itself, and nobody must be impressed. */
function echo(world: World, pick: number): void {
  const before = world.phases
  const event = world.told[pick % world.told.length]!
  const waits = world.retries.some(({ run }) => 'run' in event && run === event.run)
  world.tell(event)
  if (!waits) expect(world.phases).toEqual(before)
}

/** Four of five starts succeed: otherwise no story gets far. */
function answer(world: World, pick: number, reason: ExitReason): void {
  const waiting = [
    ...world.starting.map(({ name }) => ['start', name] as const),
    ...world.stopping.map(({ name }) => ['stop', name] as const),
  ]
  const [what, name] = waiting[pick % (waiting.length || 1)] ?? []
  if (name === undefined) return
  if (what === 'stop') world.stopped(name, reason)
  else if (pick % 5 > 0) world.started(name)
  else world.startFailed(name, NO_START)
}

/** Whatever was under way comes to its end. Nothing new may begin, so this is bounded. */
function drain(world: World): void {
  for (let left = 100; left > 0 && world.ended === undefined; left--) {
    world.turn()
    answer(world, left, SHUTDOWN)
  }
}
