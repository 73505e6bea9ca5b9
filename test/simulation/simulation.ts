import type { SystemEvents } from '../../packages/runtime/src/base/events.ts'
import { DEFAULT_LIMITS } from '../../packages/runtime/src/base/limits.ts'
import type { ControlRequest, SupervisorAction, TreeNode } from '../../packages/runtime/src/isolate/requests.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { type AnySpec, type ChildSpec, RESTARTS } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type { ToHost } from '../../packages/runtime/src/system/control.ts'
import type { ControlSide } from './control-side.ts'
import { Laws, must } from './laws.ts'
import { Random } from './random.ts'
import { actorSpec, randomTree } from './scenery.ts'
import { type Faults, NO_FAULTS, type SimIsolate, SimPlace, type SimWatcher } from './sim-isolate.ts'
import { VirtualLoop } from './virtual-loop.ts'

const CHAOS_MS = 3_000
/** Longer than any pause, window or start that a tree has. */
const QUIET_MS = 12_000
const END_MS = 60_000
const LIMITS = { ...DEFAULT_LIMITS, actorsMax: 60, arenaBytesMax: 1024 * 1024 }

interface Answer {
  readonly value?: unknown
  readonly error?: unknown
}

/**
 * One story, made of nothing but its seed: a tree of supervisors on the real control side, isolates that fail in every way,
 * and a host that asks for things at any moment. Throws what is broken. Gives back a word for what happened, the same for the
 * same seed.
 */
export async function simulate(seed: number, { Control }: ControlSide): Promise<string> {
  const world = new World(new Random(seed), Control)
  await world.live()
  return world.story()
}

class World {
  readonly #random: Random
  readonly #loop = new VirtualLoop()
  readonly #laws = new Laws()
  readonly #control: InstanceType<ControlSide['Control']>
  readonly #isolates = new Set<SimIsolate>()
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #paths: string[] = ['/', '/user', '/nobody']
  #faults: Faults = NO_FAULTS
  #ids = 0
  #events = 0
  #hash = 0

  readonly #watcher: SimWatcher = {
    onAttempt: ({ self, incarnation }) => this.#guard(() => this.#laws.onAttempt(self.path, incarnation, this.#loop.nowMs)),
    onBorn: (isolate) => {
      this.#isolates.add(isolate)
      this.#note(`born ${isolate.boot.self.path} ${isolate.boot.incarnation}`)
      this.#guard(() => this.#laws.onBorn(isolate))
    },
    onStopAsked: (isolate) => this.#guard(() => this.#laws.onStopAsked(isolate)),
    onDead: (isolate) => {
      this.#isolates.delete(isolate)
      this.#laws.onDead(isolate)
    },
  }

  constructor(random: Random, Control: ControlSide['Control']) {
    this.#random = random
    const boot = {
      system: 'sim',
      memory: Arena.create(64, LIMITS.arenaBytesMax).memory,
      epochMs: 0,
      limits: LIMITS,
      spinMs: 0,
      spares: random.pick([0, 2]),
      processBytes: Number.POSITIVE_INFINITY,
      logLevel: 'info' as const,
    }
    this.#control = new Control(boot, {
      clock: this.#loop.clock,
      makeIsolate: (_, events) => new SimPlace(events, this.#loop, random, () => this.#faults, this.#watcher),
      prepareModule: (module) => Promise.resolve(module),
      post: (task) => this.#loop.post(task),
      random: () => random.next(),
      killProcess: () => undefined,
      toHost: (message) => this.#guard(() => this.#onMessage(message)),
    })
  }

  async live(): Promise<void> {
    const children = randomTree(this.#random)
    this.#plant(children)
    // One of ten systems has faults from its first moment on: its start may fail, and then nothing of it is left.
    if (this.#random.chance(0.1)) this.#faults = this.#randomFaults()
    const intensity = { restarts: this.#random.pick([2, 30, 30]), withinMs: 500 }
    const started = await this.#until(this.#ask({ name: 'startSystem', children, intensity, strategy: 'one-for-one' }), 20_000)
    if (started.error === undefined) await this.#chaos()
    else await this.#loop.runUntil(this.#loop.nowMs + END_MS, () => this.#laws.isClosed && this.#isolates.size === 0)
    this.#laws.checkEnd()
    must(this.#waiting.size === 0, `${this.#waiting.size} requests were never answered`)
  }

  story(): string {
    return `${this.#events} events, ${(this.#hash >>> 0).toString(16)}`
  }

  async #chaos(): Promise<void> {
    this.#faults = this.#randomFaults()
    const endMs = this.#loop.nowMs + CHAOS_MS
    for (let atMs = this.#loop.nowMs; atMs < endMs; atMs += this.#random.between(1, 150)) this.#loop.at(atMs, () => this.#doSomething())
    // Half of the systems are stopped in the middle of it.
    if (this.#random.chance(0.5)) {
      await this.#loop.runUntil(endMs)
      this.#faults = NO_FAULTS
      await this.#loop.runUntil(this.#loop.nowMs + QUIET_MS)
      if (!this.#laws.isClosed) await this.#checkQuiet()
    } else await this.#loop.runUntil(this.#loop.nowMs + this.#random.between(0, CHAOS_MS))
    await this.#stop()
  }

  async #stop(): Promise<void> {
    const deadlineMs = this.#random.pick([5, 100, 20_000])
    const stopped = this.#ask({ name: 'stopSystem', drain: this.#random.chance(0.3), deadlineMs })
    this.#laws.isStopping = true
    await this.#until(stopped, END_MS)
    // A stuck thread may end after the stop.
    await this.#loop.runUntil(this.#loop.nowMs + END_MS, () => this.#laws.isClosed && this.#isolates.size === 0 && this.#waiting.size === 0)
    must(this.#laws.isClosed, 'it was stopped, and is not closed')
  }

  async #checkQuiet(): Promise<void> {
    const { value } = await this.#until(this.#ask({ name: 'tree' }), 1_000)
    const shown = new Map<string, string>()
    const note = (node: TreeNode): void => {
      if (node.path !== '/') shown.set(node.path, node.state)
      node.children.forEach(note)
    }
    note(value as TreeNode)
    this.#laws.checkQuiet(shown)
  }

  // ---- what a host, and actors, may ask at any moment ---------------------------------------------------------------

  #doSomething(): void {
    if (this.#laws.isClosed || this.#laws.isStopping) return
    this.#random.pick([
      () => this.#spawn(),
      () => this.#spawn(),
      () => this.#administer(),
      () => this.#administer(),
      () => this.#administer(),
      () => this.#toSomebody('kill'),
      () => this.#toSomebody('stopActor'),
      () => void this.#ask({ name: 'tree' }),
      () => void this.#ask({ name: 'members', path: this.#random.pick(this.#paths) }),
    ])()
  }

  /** By the host, or by an actor, whose children end with it. */
  #spawn(): void {
    const spec = this.#namedByRestart('x')
    const { name } = spec
    const parent = this.#random.chance(0.3) ? this.#random.pick([...this.#isolates, undefined]) : undefined
    this.#laws.learn(`${parent?.boot.self.path ?? '/user'}/${name}`, spec)
    if (parent === undefined) void this.#ask({ name: 'spawn', spec })
    else parent.call({ name: 'spawn', spec } as never)
  }

  #administer(): void {
    const path = this.#random.pick(this.#paths)
    const spec = this.#namedByRestart('late')
    const name = this.#random.pick(['c0', 'c1', 'c2', 'n0', 'n1', spec.name])
    const action = this.#random.pick<SupervisorAction>([
      { is: 'startChild', spec },
      { is: 'terminateChild', name },
      { is: 'terminateChild', name },
      { is: 'restartChild', name },
      { is: 'restartChild', name },
      { is: 'deleteChild', name },
      { is: 'whichChildren' },
      { is: 'countChildren' },
    ])
    const target = `${path === '/' ? '' : path}/${action.is === 'startChild' ? spec.name : name}`
    if (action.is === 'startChild') this.#laws.learn(target, spec)
    void this.#ask({ name: 'supervise', path, action }, target)
  }

  /** Whatever becomes of a request, of this name there are only specs of this kind. */
  #namedByRestart(stem: string): ChildSpec {
    const restart = this.#random.pick(RESTARTS)
    return actorSpec(this.#random, `${stem}-${restart}-${this.#random.between(0, 2)}`, restart)
  }

  #toSomebody(name: 'kill' | 'stopActor'): void {
    const isolate = this.#random.pick([...this.#isolates, undefined])
    const target = isolate?.boot.self
    if (target === undefined) return
    void this.#ask(name === 'kill' ? { name, target } : { name, target, drain: false }, name === 'stopActor' ? target.path : undefined)
  }

  // ---- the host's end -----------------------------------------------------------------------------------------------

  /** `target`: whom the request is about, so that the laws know that somebody wanted it. */
  #ask(request: ControlRequest, target?: string): Promise<Answer> {
    const id = ++this.#ids
    if (target !== undefined) this.#laws.ask(target)
    return new Promise((resolve) => {
      this.#waiting.set(id, (answer) => {
        if (target !== undefined) this.#laws.answer(target, answer.error !== undefined)
        resolve(answer)
      })
      this.#control.onHostCall(id, request)
    })
  }

  #onMessage(message: ToHost): void {
    if (message.type === 'answer') {
      const { id, ...answer } = message
      must(this.#waiting.has(id), `request ${id} is answered twice`)
      this.#note(`answer ${id} ${'error' in answer}`)
      this.#waiting.get(id)!(answer)
      this.#waiting.delete(id)
    } else if (message.type === 'closed') {
      this.#note('closed')
      this.#laws.isClosed = true
    } else if (message.type === 'event') this.#onEvent(message.name, message.event)
  }

  #onEvent(name: string, event: unknown): void {
    const { path } = event as { path?: string }
    this.#note(`${name} ${path}`)
    const { nowMs } = this.#loop
    if (name === 'exited') this.#laws.onExited(event as SystemEvents['exited'], nowMs)
    if (name === 'threadsLeaked') this.#laws.onLeaked(path!)
    if (name === 'terminated') this.#laws.onTerminated(event as SystemEvents['terminated'])
    if (name === 'gaveUp') this.#laws.onGaveUp(event as SystemEvents['gaveUp'], nowMs)
  }

  #plant(specs: readonly AnySpec[]): void {
    this.#laws.plant(specs)
    const note = (spec: AnySpec, parent: string): void => {
      if (spec.kind === 'actor') return
      this.#paths.push(`${parent}/${spec.name}`)
      if (spec.kind === 'supervisor') for (const inner of spec.children) note(inner, `${parent}/${spec.name}`)
    }
    for (const spec of specs) note(spec, '')
  }

  #randomFaults(): Faults {
    return {
      start: this.#random.pick([0, 0.1, 0.4]),
      life: this.#random.pick([0.05, 0.3, 0.8]),
      stop: this.#random.pick([0, 0.3]),
      stuck: this.#random.pick([0, 0, 0.05]),
    }
  }

  async #until(answer: Promise<Answer>, withinMs: number): Promise<Answer> {
    let found: Answer | undefined
    void answer.then((it) => (found = it))
    await this.#loop.runUntil(this.#loop.nowMs + withinMs, () => found !== undefined)
    must(found !== undefined, `a request was not answered within ${withinMs} ms`)
    return found
  }

  /** What is broken must end the story, and not be caught by whoever happens to call. */
  #guard(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.#loop.failure ??= error
    }
  }

  #note(what: string): void {
    this.#events++
    for (const char of `${Math.round(this.#loop.nowMs)} ${what};`) this.#hash = (Math.imul(this.#hash, 31) + char.charCodeAt(0)) | 0
    if (process.env['SIM_TRACE'] !== undefined) console.log(Math.round(this.#loop.nowMs), what)
  }
}
