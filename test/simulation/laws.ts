import type { SystemEvents } from '../../packages/runtime/src/base/events.ts'
import type { AnySpec } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type { SimIsolate } from './sim-isolate.ts'

interface Place {
  readonly supervisor: string
  /** Where it stands among its siblings; 0 for all under a dynamic one. */
  readonly index: number
}

interface Line {
  isolate: SimIsolate | undefined
  /** Killed, told of as stuck, and still there. */
  stuck: SimIsolate | undefined
  /** When it last began and died, as numbers that only grow. */
  bornAt: number
  diedAt: number
  /** Whether the world was told that it comes back. */
  promised: boolean
  /** Its last start had failed: the next one is a retry, and counts. */
  failed: boolean
  /** Its end was asked for, whatever the answer was. */
  isExcused: boolean
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/'

/**
 * What must hold whatever happens: watched from outside, from what the isolates see and what the host is told. It knows the
 * specs, and nothing of what a supervisor thinks.
 */
export class Laws {
  readonly #specs = new Map<string, AnySpec>()
  readonly #places = new Map<string, Place>()
  readonly #lines = new Map<string, Line>()
  /** Restarts that count, by whose limit it is. */
  readonly #restarts = new Map<string, number[]>()
  /** One-for-one supervisors that ask children to end that nobody else wants to end: they must be ending themselves. */
  readonly #ending = new Set<string>()
  /** By path: how many have asked for something about it, and are not answered yet. */
  readonly #asked = new Map<string, number>()
  #moments = 0
  isStopping = false
  isClosed = false

  ask(path: string): void {
    this.#asked.set(path, (this.#asked.get(path) ?? 0) + 1)
  }

  /** Who asked for an end may be told that the supervisor ends, while that end is under way. */
  answer(path: string, isRefused: boolean): void {
    this.#asked.set(path, this.#asked.get(path)! - 1)
    if (isRefused) this.#line(path).isExcused = true
  }

  plant(specs: readonly AnySpec[], supervisor = '/'): void {
    for (const [index, spec] of specs.entries()) {
      const path = supervisor === '/' ? `/${spec.name}` : `${supervisor}/${spec.name}`
      this.#specs.set(path, spec)
      this.#places.set(path, { supervisor, index })
      if (spec.kind === 'supervisor') this.plant(spec.children, path)
    }
  }

  learn(path: string, spec: AnySpec): void {
    this.#specs.set(path, spec)
  }

  /** A place was asked for it. A spare that is lost before it takes it is replaced: that is the same attempt. */
  onAttempt(path: string, incarnation: number, nowMs: number): void {
    const line = this.#line(path)
    // A name used again is a new address, with a limit of its own.
    if (incarnation === 1) this.#restarts.delete(path)
    else if (line.failed && !this.#isAsked(path)) this.#count(path, parentOf(path), nowMs)
    line.failed = false
  }

  onBorn(isolate: SimIsolate): void {
    const { path } = isolate.boot.self
    const line = this.#line(path)
    must(!this.isClosed, `${path} is started after the end`)
    must(!this.isStopping || parentOf(path) !== '/', `${path} is started while the system stops`)
    must(line.isolate === undefined, `${path} is started while its predecessor lives`)
    const isSameAddress = line.stuck?.boot.self.seat === isolate.boot.self.seat
    must(!isSameAddress, `${path} is started while its predecessor is stuck`)
    const supervisor = parentOf(path)
    const isByHand = this.#isAsked(path)
    if (isolate.boot.incarnation > 1 && !isByHand) this.#checkRestart(path, line)
    else if (this.#places.has(path) && !isByHand) this.#checkAlone(path)
    must(!this.#ending.has(supervisor), `${path} is started while ${supervisor} ends`)
    line.isolate = isolate
    line.isExcused = false
    line.bornAt = ++this.#moments
    line.promised = false
  }

  onStopAsked(isolate: SimIsolate): void {
    const { path } = isolate.boot.self
    const place = this.#places.get(path)
    if (place === undefined || this.#isAsked(path) || this.#line(path).isExcused) return
    const alive = this.#siblings(path).filter(([, line]) => line.isolate !== undefined)
    for (const [sibling] of alive) {
      must(this.#places.get(sibling)!.index < place.index, `${path} is asked to stop before ${sibling}, which was started after it`)
    }
    const spec = this.#specs.get(place.supervisor)
    if (spec?.kind === 'supervisor' && spec.strategy === 'one-for-one') this.#ending.add(place.supervisor)
  }

  onDead(isolate: SimIsolate): void {
    const line = this.#line(isolate.boot.self.path)
    if (line.stuck === isolate) line.stuck = undefined
    else this.#onGone(isolate.boot.self.path, line)
  }

  /** For everybody but its own successor it has ended. */
  onLeaked(path: string): void {
    const line = this.#line(path)
    if (line.isolate?.state !== 'killed') return
    line.stuck = line.isolate
    this.#onGone(path, line)
  }

  #onGone(path: string, line: Line): void {
    line.isolate = undefined
    line.diedAt = ++this.#moments
    const supervisor = parentOf(path)
    if (this.#siblings(path).every(([, sibling]) => sibling.isolate === undefined)) this.#ending.delete(supervisor)
  }

  onExited({ path, willRestart, restartsLeft, reason, supervisor }: SystemEvents['exited'], nowMs: number): void {
    const line = this.#line(path)
    const spec = this.#specs.get(path)
    // Its successor has not restarted anybody yet.
    if (spec?.kind !== 'actor') this.#forgetBelow(path)
    if (willRestart) must(spec?.restart !== 'temporary', `temporary ${path} is promised to come back`)
    if (willRestart && restartsLeft !== undefined && (reason.kind === 'normal' || reason.kind === 'shutdown'))
      must(spec?.restart === 'permanent', `${spec?.restart} ${path} is restarted after ${reason.kind}`)
    // Of a supervisor only its children are seen.
    line.promised = willRestart && spec?.kind === 'actor'
    line.failed = willRestart && reason.kind === 'startFailed'
    // A failed start counts when it is tried again.
    if (willRestart && restartsLeft !== undefined && !line.failed) this.#count(path, supervisor, nowMs)
  }

  onTerminated({ path }: SystemEvents['terminated']): void {
    this.#line(path).promised = false
    this.#line(path).failed = false
  }

  onGaveUp({ path, child, supervisor, restarts, withinMs }: SystemEvents['gaveUp'], nowMs: number): void {
    if (!this.#isCounted(supervisor)) return
    const whose = path === child ? child : supervisor
    const within = (this.#restarts.get(whose) ?? []).filter((atMs) => atMs >= nowMs - withinMs)
    must(within.length === restarts, `${whose} gave up after ${within.length} restarts within ${withinMs} ms, and may do ${restarts}`)
    this.#restarts.delete(whose)
  }

  /** Nothing is going on: nobody waits for a promise, and who is shown as running runs. */
  checkQuiet(shown: ReadonlyMap<string, string>): void {
    for (const [path, line] of this.#lines) {
      must(!line.promised, `${path} was promised to come back, and did not`)
      if (line.isolate !== undefined) must(shown.get(path) === 'running', `${path} runs, and is shown as ${shown.get(path)}`)
    }
    for (const [path, state] of shown) {
      must(state === 'running' || state === 'stopped', `${path} is ${state}, and nothing is going on`)
      if (this.#specs.get(path)?.kind === 'actor' && state === 'running')
        must(this.#line(path).isolate !== undefined, `${path} does not run`)
    }
  }

  checkEnd(): void {
    for (const [path, line] of this.#lines) must(line.isolate === undefined, `${path} is left running`)
  }

  #checkRestart(path: string, line: Line): void {
    const place = this.#places.get(path)
    const parent = this.#specs.get(parentOf(path))
    if (place === undefined || parent?.kind !== 'supervisor' || parent.strategy === 'one-for-one') return
    for (const [sibling, other] of this.#siblings(path)) {
      if (other.isolate === undefined) continue
      const isLater = this.#places.get(sibling)!.index > place.index
      must(!isLater, `${path} is restarted while ${sibling}, which depends on it, lives`)
      if (parent.strategy === 'one-for-all')
        must(other.bornAt > line.diedAt, `${path} is restarted, and ${sibling} is still the one of before`)
    }
  }

  /** One thing at a time: no sibling is being started or stopped. */
  #checkAlone(path: string): void {
    for (const [sibling, { isolate }] of this.#siblings(path)) {
      const isBusy = isolate?.state === 'starting' || isolate?.state === 'stopping'
      must(!isBusy || this.#isAsked(sibling), `${path} is started while ${sibling} is ${isolate?.state}`)
    }
  }

  #count(path: string, supervisor: string, nowMs: number): void {
    if (!this.#isCounted(supervisor)) return
    const spec = this.#specs.get(supervisor)
    const limit = spec !== undefined && 'intensity' in spec ? spec.intensity : { restarts: 3, withinMs: 5_000 }
    const whose = spec?.kind === 'supervisor' || (spec?.kind === 'dynamic-supervisor' && spec.per === 'supervisor') ? supervisor : path
    const within = [...(this.#restarts.get(whose) ?? []).filter((atMs) => atMs >= nowMs - limit.withinMs), nowMs]
    must(
      within.length <= limit.restarts,
      `${whose} has had ${within.length} restarts within ${limit.withinMs} ms, and may have ${limit.restarts}`,
    )
    this.#restarts.set(whose, within)
  }

  #forgetBelow(supervisor: string): void {
    this.#restarts.delete(supervisor)
    for (const [path, line] of this.#lines) if (path.startsWith(`${supervisor}/`)) line.failed = line.promised = false
  }

  /** In a group the start comes later than the decision that counts. */
  #isCounted(supervisor: string): boolean {
    const spec = this.#specs.get(supervisor)
    if (spec?.kind !== 'supervisor') return supervisor !== '/'
    // And the start of a supervisor is not seen.
    return spec.strategy === 'one-for-one' && spec.children.every(({ kind }) => kind === 'actor')
  }

  #isAsked(path: string): boolean {
    return (this.#asked.get(path) ?? 0) > 0
  }

  #siblings(path: string): [string, Line][] {
    const { supervisor } = this.#places.get(path) ?? {}
    if (supervisor === undefined || this.#specs.get(supervisor)?.kind === 'dynamic-supervisor') return []
    return [...this.#lines].filter(([other]) => other !== path && this.#places.get(other)?.supervisor === supervisor)
  }

  #line(path: string): Line {
    let line = this.#lines.get(path)
    if (line === undefined)
      this.#lines.set(
        path,
        (line = { isolate: undefined, stuck: undefined, bornAt: 0, diedAt: 0, promised: false, failed: false, isExcused: false }),
      )
    return line
  }
}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`)
}
