import { globalsOf } from './globals.ts'
import type { Outcome, Scenario } from './kit.ts'
import { Machine } from './machine.ts'
import { ModelError } from './model-error.ts'
import { isIndependent, mayBeDeferred } from './operation.ts'
import type { Body } from './thread.ts'

/** What happens next: a thread goes on, is killed before its operation, or after so many of the plain writes behind it, or is woken. */
interface Choice {
  readonly what: 'step' | 'kill' | 'killAfter' | 'interrupt'
  readonly thread: number
  readonly writes: number
}

interface Node {
  readonly choices: Choice[]
  next: number
  /** Threads whose next step was tried before, in an order that comes to the same. */
  sleep: number
  readonly preemptions: number
  readonly last: number
  readonly interrupts: number
  readonly kills: number
  readonly seen: Int32Array
}

export interface Explored {
  readonly states: number
  readonly schedules: number
  readonly steps: number
  readonly longest: number
  /** How often it began anew, because two threads were seen to meet at a word where none had met before. */
  readonly rounds: number
  /** Of preemptions. */
  readonly bound: number | undefined
  readonly isComplete: boolean
}

/** A schedule in which something went wrong. The token gives the same schedule again. */
export class Failure extends Error {
  readonly token: string

  constructor(scenario: string, token: string, cause: unknown) {
    super(`${cause instanceof Error ? cause.message : String(cause)}\n  replay: TROUPE_MODEL_REPLAY='${scenario}/${token}'`, { cause })
    this.token = token
  }
}

/** The scenarios of compiled code, and the ways to run parts of them on a machine. */
interface Loaded {
  readonly scenarios: readonly Scenario[]
  run(value: unknown): Body
  body(thread: object, world: unknown): Body
}

function load(code: string, machine: Machine): Loaded {
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

const STEPS_MAX = 5_000
const WARM_UP_SCHEDULES = 200

/** Searches all schedules of one scenario, depth first, by running it again and again. */
export class Search {
  readonly #machine: Machine
  readonly #loaded: Loaded
  readonly #scenario: Scenario
  #world: unknown
  #victims = 0
  #visited = new Map<number, number>()
  #nodes: Node[] = []
  #states = 0
  #schedules = 0
  #steps = 0
  #longest = 0
  #rounds = 0

  constructor(code: string, name: string) {
    this.#machine = new Machine()
    this.#loaded = load(code, this.#machine)
    const found = this.#loaded.scenarios.find((scenario) => scenario.name === name)
    if (found === undefined) throw new Error(`there is no scenario '${name}'`)
    this.#scenario = found
    this.#machine.processor.tellsWriters = found.tellWriters === true
    found.threads.forEach(({ isVictim }, i) => {
      if (isVictim) this.#victims |= 1 << i
    })
  }

  /** Throws a Failure. `statesMax`: where a search that is too large ends, and says that it is not complete. */
  all(statesMax = Number.POSITIVE_INFINITY): Explored {
    let isComplete = true
    this.#warmUp()
    for (let isRestarted = true; isRestarted; ) {
      // With what is known now about conflicts. What is found on the way is true in the next round, too.
      isRestarted = false
      this.#rounds++
      this.#visited.clear()
      this.#nodes = []
      this.#states = this.#schedules = this.#steps = this.#longest = 0
      while (this.#nextSchedule()) {
        if (this.#machine.processor.contention.learn()) {
          isRestarted = true
          break
        }
        if (this.#states >= statesMax) {
          isComplete = false
          break
        }
      }
    }
    return {
      states: this.#states,
      schedules: this.#schedules,
      steps: this.#steps,
      longest: this.#longest,
      rounds: this.#rounds,
      bound: this.#scenario.preemptionsMax,
      isComplete,
    }
  }

  /** Finds most conflicts with some schedules by chance: each that is found later starts the search anew. */
  #warmUp(): void {
    let chance = 1
    const next = (below: number): number => {
      chance = (Math.imul(chance, 1_103_515_245) + 12_345) >>> 0
      return Math.floor((chance / 0x1_0000_0000) * below)
    }
    for (let i = 0; i < WARM_UP_SCHEDULES; i++) {
      const done: Choice[] = []
      this.#attempt(done, () => {
        this.#begin()
        for (let enabled = this.#enabled(); enabled !== 0; enabled = this.#enabled()) {
          const threads = this.#machine.threads.filter((thread) => (enabled & (1 << thread.id)) !== 0)
          const { id } = threads[next(threads.length)]!
          const isKill = done.every(({ what }) => what === 'step') && (this.#victims & (1 << id)) !== 0 && next(40) === 0
          const choice: Choice = { what: isKill ? 'kill' : 'step', thread: id, writes: 0 }
          done.push(choice)
          this.#perform(choice)
        }
        this.#check()
      })
      this.#machine.processor.contention.learn()
    }
  }

  /** Runs one schedule and tells each operation. */
  replay(token: string, trace: (text: string) => void): void {
    // Conflicts decide where threads stop: a token is of a search that knew them all.
    const [known, path] = token.split('~') as [string, string]
    for (const word of known.split('.').filter(Boolean)) this.#machine.processor.contention.isContended[Number.parseInt(word, 36)] = 1
    this.#machine.processor.trace = trace
    this.#begin()
    for (const text of path.split('.').filter(Boolean)) this.#perform(choiceOf(text))
    if (this.#enabled() === 0) this.#check()
  }

  /** Goes back to the last place with another choice, and from there to an end. False: there is none. */
  #nextSchedule(): boolean {
    while (this.#nodes.length > 0 && this.#nodes.at(-1)!.next >= this.#nodes.at(-1)!.choices.length) this.#nodes.pop()
    const isFirst = this.#states === 0
    if (this.#nodes.length === 0 && !isFirst) return false
    this.#schedules++
    const done: Choice[] = []
    this.#attempt(done, () => {
      this.#machine.processor.isReplaying = !isFirst
      this.#begin()
      if (isFirst) this.#arrive(undefined)
      for (let i = 0; i < this.#nodes.length; i++) {
        const node = this.#nodes[i]!
        const isLast = i === this.#nodes.length - 1
        if (isLast && node.next >= node.choices.length) break
        const choice = node.choices[isLast ? node.next++ : node.next - 1]!
        done.push(choice)
        if (!isLast) {
          this.#perform(choice)
          continue
        }
        if (this.#machine.processor.isReplaying) this.#machine.recall(node.seen)
        const sleep = this.#sleepAfter(node, choice)
        this.#perform(choice)
        this.#steps++
        if (choice.what === 'step') this.#addKillsWithin(node, choice)
        this.#arrive({ node, choice, sleep })
      }
    })
    this.#longest = Math.max(this.#longest, this.#nodes.length)
    return true
  }

  #attempt(done: readonly Choice[], run: () => void): void {
    try {
      run()
    } catch (error) {
      const token = `${this.#machine.processor.contention
        .words()
        .map((word) => word.toString(36))
        .join('.')}~${done.map(textOf).join('.')}`
      throw new Failure(this.#scenario.name, token, error)
    }
  }

  #begin(): void {
    const { threads, setup } = this.#scenario
    this.#machine.reset()
    this.#world = this.#machine.finish(this.#loaded.run(() => setup()))
    const started = threads.map((thread) => this.#machine.add(thread.name, this.#loaded.body(thread, this.#world)))
    for (const thread of started) this.#machine.start(thread)
  }

  #perform({ what, thread, writes }: Choice): void {
    const one = this.#machine.threads[thread]!
    if (what === 'step') this.#machine.step(one)
    else if (what === 'kill') this.#machine.kill(one)
    else if (what === 'killAfter') this.#machine.step(one, writes)
    else this.#machine.interrupt(one)
  }

  #enabled(): number {
    let enabled = 0
    for (const thread of this.#machine.threads) if (this.#machine.isEnabled(thread)) enabled |= 1 << thread.id
    return enabled
  }

  /** A state is reached: finds out what may happen next that has not been tried from here. */
  #arrive(from: { readonly node: Node; readonly choice: Choice; readonly sleep: number } | undefined): void {
    const { threads } = this.#machine
    const { killsMax = 0, interruptsMax = 0, preemptionsMax } = this.#scenario
    if (this.#nodes.length > STEPS_MAX) throw new ModelError('it goes on for ever')
    const enabled = this.#enabled()
    const isBounded = preemptionsMax !== undefined
    const kills = (from?.node.kills ?? 0) + (from?.choice.what.startsWith('kill') === true ? 1 : 0)
    const interrupts = (from?.node.interrupts ?? 0) + (from?.choice.what === 'interrupt' ? 1 : 0)
    const last = from?.choice.what === 'step' ? from.choice.thread : -1
    const preemptions = (from?.node.preemptions ?? 0) + (isBounded && from !== undefined && isPreemption(from.node, from.choice) ? 1 : 0)
    const sleep = isBounded ? 0 : (from?.sleep ?? 0) & enabled
    if (enabled === 0) this.#check()
    const key = this.#machine.key(isBounded ? (interrupts << 16) | (preemptions << 8) | (last + 1) : interrupts)
    const left = this.#visited.get(key)
    const steps = left === undefined ? enabled & ~sleep : left & ~sleep
    this.#visited.set(key, left === undefined ? sleep : left & sleep)
    const choices: Choice[] = []
    const goesOn = last >= 0 && (enabled & (1 << last)) !== 0
    for (const { id } of threads) {
      if ((steps & (1 << id)) === 0) continue
      if (isBounded && goesOn && id !== last && preemptions >= preemptionsMax) continue
      choices.push({ what: 'step', thread: id, writes: 0 })
    }
    if (left === undefined) {
      this.#states++
      for (const thread of threads) {
        const isVictim = (this.#victims & (1 << thread.id)) !== 0 && !thread.isOver
        if (isVictim && kills < killsMax) choices.push({ what: 'kill', thread: thread.id, writes: 0 })
        if (interrupts < interruptsMax && this.#machine.mayBeInterrupted(thread))
          choices.push({ what: 'interrupt', thread: thread.id, writes: 0 })
      }
    }
    if (choices.length > 0)
      this.#nodes.push({ choices, next: 0, sleep, preemptions, last: goesOn ? last : -1, interrupts, kills, seen: this.#machine.seen() })
  }

  /** The threads whose step, tried before this choice, comes to the same after it. */
  #sleepAfter(node: Node, choice: Choice): number {
    const { threads } = this.#machine
    if (choice.what !== 'step') return 0
    const one = threads[choice.thread]!
    let after = 0
    for (const other of threads) if ((node.sleep & (1 << other.id)) !== 0 && isIndependent(one, other)) after |= 1 << other.id
    if (mayBeDeferred(one)) node.sleep |= 1 << one.id
    return after
  }

  /** The plain writes of a step can be cut off by a kill, too. */
  #addKillsWithin(node: Node, { thread }: Choice): void {
    const isVictim = (this.#victims & (1 << thread)) !== 0
    if (!isVictim || node.kills >= (this.#scenario.killsMax ?? 0)) return
    const writes = this.#machine.threads[thread]!.plainWrites
    for (let after = 0; after < writes; after++) node.choices.push({ what: 'killAfter', thread, writes: after })
  }

  #check(): void {
    const { threads } = this.#machine
    const outcome: Outcome = {
      logs: Object.fromEntries(threads.map(({ name, log }) => [name, log])),
      waiting: threads.filter(({ isOver }) => !isOver).map(({ name }) => name),
      killed: threads.filter((thread) => this.#machine.isDead(thread)).map(({ name }) => name),
    }
    this.#machine.finish(this.#loaded.run(() => this.#scenario.check(this.#world, outcome)))
  }
}

function isPreemption(node: Node, choice: Choice): boolean {
  return choice.what === 'step' && node.last >= 0 && node.last !== choice.thread
}

function textOf({ what, thread, writes }: Choice): string {
  return what === 'step' ? String(thread) : `${what === 'kill' ? 'k' : what === 'interrupt' ? 'i' : `w${writes}-`}${thread}`
}

function choiceOf(text: string): Choice {
  const [, letter, writes, thread] = /^([kiw]?)(?:(\d+)-)?(\d+)$/.exec(text)!
  const what = letter === 'k' ? 'kill' : letter === 'i' ? 'interrupt' : letter === 'w' ? 'killAfter' : 'step'
  return { what, thread: Number(thread), writes: Number(writes ?? 0) }
}
