import type { Choice } from './choice.ts'
import type { Machine } from './machine.ts'
import { ModelError } from './model-error.ts'
import { isIndependent, mayBeDeferred } from './operation.ts'
import { Stage } from './stage.ts'
import { OTHERS, PREEMPTIONS_MAX, type Visited, VisitedStates } from './visited.ts'
import { walk } from './walk.ts'

/** What is to be known of a state besides what the machine holds: how it was reached. */
interface Place {
  /** The threads that can go on, a bit for each. */
  readonly enabled: number
  /** The one that did the last step and could go on; -1: there is none, and a change costs no preemption. */
  readonly last: number
  /** Threads whose next step was tried before, in an order that comes to the same. */
  readonly sleep: number
  readonly preemptions: number
  readonly kills: number
  readonly interrupts: number
}

interface Node extends Place {
  readonly choices: Choice[]
  next: number
  sleep: number
  readonly seen: Int32Array
}

export interface Explored {
  readonly states: number
  /** Of these: from which nobody goes on. */
  readonly ends: number
  readonly schedules: number
  readonly steps: number
  readonly longest: number
  /** How often it began anew, because two threads were seen to meet at a word where none had met before. */
  readonly rounds: number
  /** Of preemptions. */
  readonly bound: number | undefined
  readonly isComplete: boolean
}

const STEPS_MAX = 5_000
const WARM_UP_SCHEDULES = 200

/** Searches all schedules of one scenario, depth first, by running it again and again. */
export class Search {
  readonly #stage: Stage
  readonly #machine: Machine
  readonly #isReduced: boolean
  readonly #preemptionsMax: number | undefined
  readonly #visited = new VisitedStates()
  #nodes: Node[] = []
  #states = 0
  #ends = 0
  #schedules = 0
  #steps = 0
  #longest = 0
  #rounds = 0

  /**
   * `deeper`: so many preemptions more than the scenario's own bound; Infinity: no bound. `isReduced`: leaves out orders that come to the same;
   * false tries them too, as a test of what is left out.
   */
  constructor(code: string, name: string, { deeper = 0, isReduced = true } = {}) {
    this.#isReduced = isReduced
    this.#stage = new Stage(code, name)
    this.#machine = this.#stage.machine
    const { preemptionsMax } = this.#stage.scenario
    const isUnbound = preemptionsMax === undefined || deeper === Number.POSITIVE_INFINITY
    this.#preemptionsMax = isUnbound ? undefined : Math.min(preemptionsMax + deeper, PREEMPTIONS_MAX)
  }

  /** Throws a Failure. `statesMax`: where a search that is too large ends, and says that it is not complete. */
  all(statesMax = Number.POSITIVE_INFINITY): Explored {
    let isComplete = true
    walk(this.#stage, WARM_UP_SCHEDULES)
    for (let isRestarted = true; isRestarted; ) {
      // With what is known now about conflicts. What is found on the way is true in the next round, too.
      isRestarted = false
      this.#rounds++
      this.#visited.clear()
      this.#nodes = []
      this.#states = this.#ends = this.#schedules = this.#steps = this.#longest = 0
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
      ends: this.#ends,
      schedules: this.#schedules,
      steps: this.#steps,
      longest: this.#longest,
      rounds: this.#rounds,
      bound: this.#preemptionsMax,
      isComplete,
    }
  }

  /** Goes back to the last place with another choice, and from there to an end. False: there is none. */
  #nextSchedule(): boolean {
    while (this.#nodes.length > 0 && this.#nodes.at(-1)!.next >= this.#nodes.at(-1)!.choices.length) this.#nodes.pop()
    const isFirst = this.#states === 0
    if (this.#nodes.length === 0 && !isFirst) return false
    this.#schedules++
    const done: Choice[] = []
    this.#stage.attempt(done, () => {
      this.#machine.processor.isReplaying = !isFirst
      this.#stage.begin()
      if (isFirst) this.#arrive(undefined)
      for (let i = 0; i < this.#nodes.length; i++) {
        const node = this.#nodes[i]!
        const isLast = i === this.#nodes.length - 1
        if (isLast && node.next >= node.choices.length) break
        const choice = node.choices[isLast ? node.next++ : node.next - 1]!
        done.push(choice)
        if (!isLast) {
          this.#stage.perform(choice)
          continue
        }
        if (this.#machine.processor.isReplaying) this.#machine.recall(node.seen)
        const sleep = this.#sleepAfter(node, choice)
        this.#stage.perform(choice)
        this.#steps++
        if (choice.what === 'step') this.#addKillsWithin(node, choice)
        this.#arrive({ node, choice, sleep })
      }
    })
    this.#longest = Math.max(this.#longest, this.#nodes.length)
    return true
  }

  /** A state is reached: finds out what may happen next that has not been tried from here. */
  #arrive(from: { readonly node: Node; readonly choice: Choice; readonly sleep: number } | undefined): void {
    if (this.#nodes.length > STEPS_MAX) throw new ModelError('it goes on for ever')
    const enabled = this.#stage.enabled()
    const isBounded = this.#preemptionsMax !== undefined
    const last = from?.choice.what === 'step' && (enabled & (1 << from.choice.thread)) !== 0 ? from.choice.thread : -1
    const here: Place = {
      enabled,
      last,
      sleep: isBounded || !this.#isReduced ? 0 : (from?.sleep ?? 0) & enabled,
      preemptions: (from?.node.preemptions ?? 0) + (isBounded && from !== undefined && isPreemption(from.node, from.choice) ? 1 : 0),
      kills: (from?.node.kills ?? 0) + (from?.choice.what.startsWith('kill') === true ? 1 : 0),
      interrupts: (from?.node.interrupts ?? 0) + (from?.choice.what === 'interrupt' ? 1 : 0),
    }
    const key = this.#machine.key(here.interrupts)
    const intent = this.#machine.intent()
    const visited = this.#visited.at(key, intent)
    if (visited.isNew) this.#states++
    if (visited.isNew && enabled === 0) this.#ends++
    const choices = [...this.#stepsFrom(here, visited), ...this.#othersFrom(here, visited)]
    this.#visited.keep(key, intent, visited)
    if (choices.length > 0) this.#nodes.push({ ...here, choices, next: 0, seen: this.#machine.seen() })
    // At last: it may run the code under test, and change what the state is.
    if (enabled === 0) this.#stage.check()
  }

  #stepsFrom(here: Place, visited: Visited): Choice[] {
    const preemptionsMax = this.#preemptionsMax
    const alone = this.#alone(here)
    const choices: Choice[] = []
    for (const { id } of this.#machine.threads) {
      if ((here.enabled & (1 << id)) === 0 || (here.sleep & (1 << id)) !== 0 || (alone !== undefined && alone !== id)) continue
      const preemptions = preemptionsMax === undefined || here.last < 0 || here.last === id ? here.preemptions : here.preemptions + 1
      if (preemptions > (preemptionsMax ?? 0) || !visited.shouldTry(id, preemptions)) continue
      visited.willTry(id, preemptions)
      choices.push({ what: 'step', thread: id, writes: 0 })
    }
    // First what costs nothing: what was reached with fewer preemptions need not be tried again.
    return choices.sort((one, other) => Number(other.thread === here.last) - Number(one.thread === here.last))
  }

  /**
   * A thread that nobody can come between, whatever they do from here on, goes first: all other orders come to the same.
   * With a bound this holds only for the one that is running.
   */
  #alone({ enabled, last, kills }: Place): number | undefined {
    if (!this.#isReduced) return undefined
    const { killsMax = 0 } = this.#stage.scenario
    const { threads } = this.#machine
    const found = threads.find((thread) => {
      const bit = 1 << thread.id
      if ((enabled & bit) === 0 || (this.#preemptionsMax !== undefined && thread.id !== last)) return false
      // A kill of somebody else, too, could come between: it takes away the kill of this one.
      if (kills < killsMax && threads.some(({ id, isVictim, isOver }) => isVictim && !isOver && id !== thread.id)) return false
      return this.#machine.isAlone(thread)
    })
    return found?.id
  }

  #othersFrom({ preemptions, kills, interrupts }: Place, visited: Visited): Choice[] {
    if (!visited.shouldTry(OTHERS, preemptions)) return []
    visited.willTry(OTHERS, preemptions)
    const { killsMax = 0, interruptsMax = 0 } = this.#stage.scenario
    const choices: Choice[] = []
    for (const thread of this.#machine.threads) {
      if (kills < killsMax && thread.isVictim && !thread.isOver) choices.push({ what: 'kill', thread: thread.id, writes: 0 })
      if (interrupts < interruptsMax && this.#machine.mayBeInterrupted(thread)) {
        choices.push({ what: 'interrupt', thread: thread.id, writes: 0 })
      }
    }
    return choices
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
    const isVictim = (this.#stage.victims & (1 << thread)) !== 0
    if (!isVictim || node.kills >= (this.#stage.scenario.killsMax ?? 0)) return
    const writes = this.#machine.threads[thread]!.plainWrites
    for (let after = 0; after < writes; after++) node.choices.push({ what: 'killAfter', thread, writes: after })
  }
}

function isPreemption(node: Node, choice: Choice): boolean {
  return choice.what === 'step' && node.last >= 0 && node.last !== choice.thread
}
