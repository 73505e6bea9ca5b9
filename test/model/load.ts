import { globalsOf } from './globals.ts'
import type { Scenario } from './kit.ts'
import { Machine } from './machine.ts'
import type { Body } from './thread.ts'

/** The scenarios of compiled code, and the ways to run parts of them on a machine. */
export interface Loaded {
  readonly scenarios: readonly Scenario[]
  run(value: unknown): Body
  body(thread: object, world: unknown): Body
}

export function load(code: string, machine: Machine): Loaded {
  const globals = globalsOf(machine)
  return new Function(...Object.keys(globals), `${HELPERS}\nconst { scenarios } = (() => {${code}})()\n${ENTRY}`)(...Object.values(globals))
}

/** The names of the scenarios in compiled code. */
export function namesIn(code: string): string[] {
  return load(code, new Machine()).scenarios.map(({ name }) => name)
}

const ENTRY = `
return {
  scenarios,
  *run(task) { return yield* $run(task()) },
  *body(thread, world) {
    yield* $run(thread.run(world))
    $op.end() && (yield)
    $op.finish()
  },
}`

/** What the transformed code calls. */
const HELPERS = `
const $generator = Object.getPrototypeOf(function* () {}).prototype
const $now = { value: undefined, [Symbol.iterator]() { return this }, next() { return { done: true, value: this.value } } }
const $run = (x) => {
  if (x !== null && typeof x === 'object' && $generator.isPrototypeOf(x)) return x
  $now.value = x
  return $now
}
function* $new(Class, list) {
  const made = new Class()
  yield* made.$init(...list)
  return made
}
function* $wait(...list) {
  $op.wait(...list) && (yield)
  if (!$op.finish()) return
  $op.blocked() && (yield)
  $op.finish()
}
function* $next(generator) {
  for (;;) {
    const next = generator.next()
    if (next.done) return undefined
    if (next.value !== undefined) return next.value
    yield
  }
}
function* $some(generator, count) {
  const all = []
  for (let next; all.length < count && (next = yield* $next(generator)) !== undefined; ) all.push(next.value)
  return all
}
const $all = (generator) => $some(generator, Infinity)
const $each = {
  *map(list, task) {
    const all = []
    for (let i = 0; i < list.length; i++) all.push(yield* $run(task(list[i], i)))
    return all
  },
  *forEach(list, task) { for (let i = 0; i < list.length; i++) if (i in list) yield* $run(task(list[i], i)) },
  *flatMap(list, task) { return (yield* $each.map(list, task)).flat() },
  *filter(list, task) {
    const isKept = yield* $each.map(list, task)
    return list.filter((_, i) => isKept[i])
  },
  *some(list, task) {
    for (let i = 0; i < list.length; i++) if (yield* $run(task(list[i], i))) return true
    return false
  },
  *every(list, task) {
    for (let i = 0; i < list.length; i++) if (!(yield* $run(task(list[i], i)))) return false
    return true
  },
}
`
