import { type Address, childPath, parentPath, USER_PATH } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { ActorStoppedError, StartFailedError } from '../base/errors.ts'
import type { SystemEventName, SystemEvents } from '../base/events.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { KILL_GRACE_MS, NAME_LENGTH_MAX } from '../base/limits.ts'
import type { Codec } from '../codec/codec.ts'
import type { ControlAnswer, EndNotice, FromIsolate, MakeIsolate, OpenOffice, StartIsolate, WireDeadLetter } from '../isolate/isolate.ts'
import { LetterBox } from '../isolate/letter-box.ts'
import { type ControlRequest, GROUP_PREFIX, type Members, type TreeNode } from '../isolate/requests.ts'
import type { Said } from '../isolate/said.ts'
import { encodeError, toWireReason } from '../isolate/wire-reason.ts'
import { Arena } from '../queue/arena.ts'
import { Names } from '../queue/names.ts'
import { takeUnsaid } from '../queue/said.ts'
import { lastWordsOf } from '../ref/last-words.ts'
import type { ActorPlace } from '../supervisor/actor-place.ts'
import type { AnySpec, ChildSpec } from '../supervisor/child-spec.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { ActorLife } from './actor-life.ts'
import { Administration } from './administration.ts'
import type { ControlBoot } from './control-boot.ts'
import { Estate, type EstatePorts } from './estate.ts'
import { Groups } from './groups.ts'
import { HangWatch } from './hang-watch.ts'
import { Inspector } from './inspection.ts'
import { MemberNews } from './member-news.ts'
import { MemoryWatch } from './memory-watch.ts'
import { Office } from './office.ts'
import type { Heard } from './output-desk.ts'
import { passingCodec } from './passing-codec.ts'
import { type OwnedProcess, Processes } from './processes.ts'
import { Reloads } from './reloads.ts'
import { Residents } from './residents.ts'
import { rootSpec, throwIfFaulty } from './root-spec.ts'
import { Scans } from './scans.ts'
import { Spares } from './spares.ts'
import { asError, noParent, spawnError } from './start-errors.ts'
import { Supervision } from './supervision.ts'
import { treeOf } from './tree.ts'
import type { Watcher } from './watch-list.ts'

/** How long one actor may drain when it is stopped alone. */
const DRAIN_MS = 30_000

/** Dead letters that the control side may publish in one turn: a mailbox of 65 536 messages may end at once. */
const LETTERS = { letters: 4_096, bytes: 16 * 1024 * 1024 }

/** What reaches the host besides answers. */
export type ToHost =
  | { readonly type: 'event'; readonly name: SystemEventName; readonly event: unknown }
  | ({ readonly type: 'said' } & Heard)
  | { readonly type: 'letter'; readonly letter: WireDeadLetter }
  /** An isolate may hang: is somebody debugging it? */
  | { readonly type: 'suspect' }
  /** The root has ended, and nothing of the system is left. */
  | { readonly type: 'closed'; readonly reason: ExitReason; readonly story: string | undefined }
  | EndNotice
  | ControlAnswer
  | { readonly type: 'members'; readonly members: Members }

export interface ControlPorts {
  readonly clock: Clock
  readonly makeIsolate: MakeIsolate
  /** In the host's thread; undefined: that is not a place for actors. */
  readonly startInline?: StartIsolate
  /** `isChanged`: what was made of it before is not used again. */
  prepareModule(module: string, isChanged?: boolean): Promise<string>
  /** The URL of what was made of it in an earlier run, where that is still right. Quick. */
  madeModule?(module: string): string | undefined
  /** Runs a task on a later turn. */
  post(task: () => void): void
  /** From 0 to 1, for the jitter of restarts. */
  random(): number
  toHost(message: ToHost): void
  /** Ends a process at once, if it is there. */
  killProcess(owned: OwnedProcess): void
}

/**
 * The control side of a system: names, supervisors, the lives of actors, and what the dead leave behind. It runs on a
 * thread of its own, so that nothing here waits for the service's main thread (D6), and it is never on a message's way.
 */
export class Control {
  readonly #boot: ControlBoot
  readonly #ports: ControlPorts
  readonly #arena: Arena
  readonly #names: Names
  readonly #codec: Codec
  readonly #residents: Residents
  readonly #spares: Spares
  readonly #supervision: Supervision
  readonly #administration: Administration
  readonly #memberNews: MemberNews
  readonly #groups = new Groups((path) => this.#memberNews.changed(path))
  readonly #hangWatch: HangWatch
  readonly #inspector: Inspector
  readonly #memoryWatch: MemoryWatch
  readonly #processes: Processes
  readonly #letters: LetterBox
  readonly #office: Office
  readonly reloads: Reloads
  #root: Supervisor | undefined
  #generated = 0
  #ending: Promise<void> | undefined
  readonly #scans: Scans

  constructor(boot: ControlBoot, ports: ControlPorts) {
    this.#boot = boot
    this.#ports = ports
    this.#arena = Arena.attach(boot.memory)
    this.#names = new Names(this.#arena)
    this.#office = new Office(this.#arena, ports)
    this.#codec = passingCodec(this.#office)
    this.#letters = new LetterBox(LETTERS, {
      publish: (letter) => this.#publish(letter),
      dropped: (count) => this.#emit('deadLettersDropped', { count }),
      nextTurn: (task) => ports.post(task),
    })
    const estate = (estatePorts: EstatePorts): Estate => new Estate(this.#arena, this.#names, this.#codec, boot.limits, estatePorts)
    this.#residents = new Residents(this.#arena, this.#codec, estate, {
      publish: (letter) => this.#letters.publish(letter),
      toHost: (notice) => ports.toHost(notice),
      post: (task) => ports.post(task),
      onTerminated: (address, reason) => {
        this.#emit('terminated', { path: address.path, reason })
        this.#memberNews.changed(parentPath(address.path))
        this.#groups.leaveAll(address)
        this.#office.addressEnded(address)
      },
      onSeatFree: () => this.#spares.seatsChanged(),
      onReaderGone: (reader) => {
        this.#memberNews.drop(reader)
        this.#office.readerGone(reader)
      },
    })
    const likely = (): string[] => (boot.named ?? []).map((module) => ports.madeModule?.(module)).filter((url) => url !== undefined)
    const coming = (count: number): readonly Address[] => this.#residents.seats.next(count)
    const plan = { spares: boot.spares, isolatesMax: boot.limits.actorsMax, likely, coming }
    this.#spares = new Spares(boot.system, ports.makeIsolate, ports.clock, plan)
    const { start: startIsolate, prepare: prepareIsolate } = this.#spares
    const supervisionPorts = { ...ports, startIsolate, startInline: ports.startInline ?? startIsolate, prepareIsolate }
    this.#supervision = new Supervision(boot, supervisionPorts, this.#arena, this.#codec, this.#residents, {
      emit: (name, event) => this.#emit(name, event),
      onNotice: (life, notice) => this.#onNotice(life, notice),
      onEnded: (life) => this.#onEnded(life),
      onArrived: (path) => {
        this.#memoryWatch.compare(this.#residents.lives.values())
        this.#memberNews.changed(parentPath(path))
      },
    })
    this.#administration = new Administration(this.#supervision, {
      clock: ports.clock,
      codec: this.#codec,
      membersChanged: (path) => this.#memberNews.changed(path),
      asError,
    })
    this.#memberNews = new MemberNews(
      (path) => (path.startsWith(GROUP_PREFIX) ? this.#groups : this.#administration).members(path),
      (to, members) => this.#tellMembers(to, members),
    )
    this.#hangWatch = new HangWatch(this.#arena, this.#names, {
      clock: ports.clock,
      askIfDebugged: () => ports.toHost({ type: 'suspect' }),
    })
    this.#processes = new Processes((owned) => ports.killProcess(owned))
    this.#inspector = new Inspector(this.#arena, this.#names, ports.clock)
    this.#memoryWatch = new MemoryWatch({
      inspector: this.#inspector,
      processBytes: boot.processBytes,
      warn: (text) => this.#emit('warning', { text }),
    })
    this.reloads = new Reloads({ lives: () => this.#residents.lives.values(), warn: (text) => this.#emit('warning', { text }) })
    this.#scans = new Scans(this.#arena, ports.clock, () => this.#scan())
  }

  /** A line of the host to the office. */
  openOffice({ line, words, port }: OpenOffice): void {
    this.#office.addLine(this.#residents.relations.host, line, words, port)
  }

  /** A request of the host. */
  onHostCall(id: number, request: ControlRequest): void {
    void this.#answer(id, request, this.#residents.relations.host, (answer) => this.#ports.toHost(answer))
  }

  /** Nothing is started any more; resolves when no idle isolate is left. */
  end(): Promise<void> {
    this.#scans.stop()
    return (this.#ending ??= this.#spares.end())
  }

  // ---- requests ----

  async #answer(id: number, request: ControlRequest, from: Watcher, post: (answer: ControlAnswer) => void): Promise<void> {
    try {
      post({ type: 'answer', id, value: await this.#serve(request, from) })
    } catch (error) {
      post({ type: 'answer', id, error: encodeError(this.#codec, error) })
    }
  }

  async #serve(request: ControlRequest, from: Watcher): Promise<unknown> {
    this.#scans.rouse()
    const { relations } = this.#residents
    switch (request.name) {
      case 'startSystem':
        return this.#startSystem(request)
      case 'stopSystem':
        return this.#stopSystem(request.drain, request.deadlineMs)
      case 'spawn':
        return this.#spawn(request.spec as ChildSpec, from)
      case 'load':
        return this.#ports.prepareModule(request.module)
      case 'lookup':
        return this.#residents.lives.get(request.path)?.address
      case 'watch':
        return relations.watch(request.watch, request.target, request.incarnation, request.incarnations, from)
      case 'unwatch':
        return relations.unwatch(request.watch, from)
      case 'link':
        return relations.link(from, request.target, request.incarnation)
      case 'unlink':
        return relations.unlink(from, request.target)
      case 'trapExits':
        return relations.trapExits(from, request.on)
      case 'upgrade':
        return this.#upgrade(request.target, request.place as ActorPlace | undefined, request.args)
      case 'kill':
        return this.#residents.at(request.target)?.kill()
      case 'stopActor':
        return this.#stopActor(request.target, request.drain)
      case 'supervise':
        return this.#administration.serve(request.path, request.action)
      case 'join':
        return this.#join(request.group, request.target)
      case 'leave':
        return this.#groups.leave(request.group, request.target)
      case 'members':
        return this.#memberNews.subscribe(request.path, from)
      case 'inspect':
        return this.#inspector.inspect(this.#residents.lives, request.path)
      case 'inTransit':
        return this.#office.inTransit()
      case 'tree':
        return this.#tree()
    }
  }

  #join(group: string, target: Address): void {
    if (this.#residents.at(target) === undefined)
      throw new ActorStoppedError(`join "${group}" with ${target.path}`, lastWordsOf(this.#arena, target))
    this.#groups.join(group, target)
  }

  #tellMembers(to: Watcher, members: Members): void {
    const notice = { type: 'members', members } as const
    if (to === this.#residents.relations.host) return this.#ports.toHost(notice)
    const life = this.#residents.at(to.address)
    if (life?.incarnation === to.incarnation) life.post(notice)
  }

  async #startSystem(request: ControlRequest & { name: 'startSystem' }): Promise<readonly Address[]> {
    const children = request.children as readonly AnySpec[]
    const { strategy, intensity } = request as { strategy?: 'one-for-one'; intensity?: { restarts: number; withinMs: number } }
    const spec = rootSpec({ children, strategy, intensity })
    throwIfFaulty(spec)
    this.#root = this.#supervision.open('/', spec)
    void this.#root.ended.then((reason) => this.#closed(reason))
    try {
      await this.#root.start()
    } catch (reason) {
      throw asError(reason, '/')
    }
    return [...this.#residents.lives.values()].map((life) => life.address)
  }

  async #stopSystem(drain: boolean, deadlineMs: number): Promise<void> {
    const root = this.#root
    if (root === undefined) return
    this.#supervision.isStopping = true
    this.#supervision.drainUntilMs = drain ? this.#ports.clock.nowMs() + deadlineMs : undefined
    for (const life of this.#residents.lives.values()) life.drainUntilMs = this.#supervision.drainUntilMs
    const cancel = this.#ports.clock.after(deadlineMs, () => void root.stop({ kind: 'killed' }))
    // A thread that is stuck in native code does not end even when it is killed: the stop does not wait for it.
    const isStuck = new Promise((resolve) => this.#ports.clock.after(deadlineMs + KILL_GRACE_MS, () => resolve(undefined)))
    await Promise.race([root.stop(), isStuck])
    cancel()
  }

  async #spawn(spec: ChildSpec, from: Watcher): Promise<Address> {
    const isHost = from === this.#residents.relations.host
    const parent = isHost ? this.#supervision.supervisors.get(USER_PATH) : this.#supervision.childrenOf(from)
    if (parent === undefined) throw noParent(this.#boot.system, spec, isHost && this.#supervision.isUp)
    const name = spec.name ?? this.#generatedName(parent.path, spec.place.exportName)
    const path = childPath(parent.path, name)
    const result = await parent.startChild({ ...spec, name })
    if (!result.ok) throw spawnError(result, path, this.#boot.system)
    const life = this.#residents.lives.get(path)
    if (life === undefined) throw new StartFailedError(path, 'isolate', new Error('it ended right after its start'))
    return life.address
  }

  /** A class can have a name that no actor can have, and somebody may have chosen what would be generated. */
  #generatedName(parent: string, className: string): string {
    const stem = className.replaceAll(/[^A-Za-z0-9_~-]/g, '~').slice(0, NAME_LENGTH_MAX / 2)
    for (;;) {
      const name = `${stem}-${++this.#generated}`
      if (!this.#residents.lives.has(childPath(parent, name))) return name
    }
  }

  async #stopActor(target: Address, drain: boolean): Promise<void> {
    const life = this.#residents.at(target)
    if (life === undefined) return
    life.drainUntilMs = drain ? this.#ports.clock.nowMs() + DRAIN_MS : undefined
    const { path } = life.address
    await this.#supervision.supervisors.get(parentPath(path))?.terminateChild(life.spec.name)
  }

  async #upgrade(target: Address, place: ActorPlace | undefined, args: readonly unknown[] | undefined): Promise<void> {
    const life = this.#residents.at(target)
    if (life === undefined) throw new ActorStoppedError(`upgrade ${target.path}`, lastWordsOf(this.#arena, target))
    await life.upgrade(place, args)
  }

  #tree(): TreeNode {
    const nowMs = this.#ports.clock.nowMs()
    return treeOf(this.#boot.system, this.#arena, this.#names, this.#supervision.supervisors, this.#residents.lives, nowMs)
  }

  #onNotice(life: ActorLife, notice: FromIsolate): void {
    const from = { address: life.address, incarnation: life.incarnation }
    switch (notice.type) {
      case 'call':
        return void this.#answer(notice.id, notice.request, from, (answer) => life.post(answer))
      case 'deadLetter':
        return this.#publish(notice.letter)
      case 'deadLettersDropped':
        return this.#emit('deadLettersDropped', { count: notice.count })
      case 'office':
        return this.#office.addLine(from, notice.line, notice.words, notice.port)
      case 'process':
        return this.#processes.note(life, notice, notice.isAlive)
      case 'said':
        return this.#hear(life, notice.said)
      case 'corruptLane':
        return this.#onCorruptLane(life.address.path, this.#residents.pathOf(notice.sender))
    }
  }

  #hear({ address, incarnation }: ActorLife, said: Said): void {
    this.#ports.toHost({ type: 'said', path: address.path, incarnation, seat: address.seat, said })
  }

  /** Its child processes end, and what was cut of its output at the last moment is still told of. */
  #onEnded(life: ActorLife): void {
    this.#processes.end(life)
    const lines = takeUnsaid(this.#arena, life.address.seat)
    if (lines > 0) this.#hear(life, { is: 'cut', lines })
  }

  /** Whoever writes over shared memory cannot be trusted with it any more: its next incarnation starts afresh. */
  #onCorruptLane(receiver: string, sender: string): void {
    this.#emit('warning', { text: `${receiver} dropped the lane of ${sender}, which holds nonsense. ${sender} is ended.` })
    void this.#residents.lives.get(sender)?.kill()
  }

  #scan(): number | undefined {
    const busy = this.#residents.scan()
    this.#hangWatch.scan(busy)
    const isWatched = this.#memoryWatch.scan(this.#residents.lives.values())
    this.#inspector.scan(this.#residents.lives.values(), busy)
    return isWatched ? undefined : this.#residents.sleepMark()
  }

  #closed(reason: ExitReason): void {
    this.#supervision.endTree('/', reason)
    void this.end()
    this.#ports.toHost({ type: 'closed', reason: toWireReason(this.#codec, reason), story: this.#supervision.story })
  }

  #publish(letter: WireDeadLetter): void {
    const from = typeof letter.from === 'number' ? this.#residents.pathOf(letter.from) : letter.from
    this.#ports.toHost({ type: 'letter', letter: { ...letter, from } })
  }

  #emit<N extends SystemEventName>(name: N, event: SystemEvents[N]): void {
    const wire = 'reason' in event && event.reason !== undefined ? { ...event, reason: toWireReason(this.#codec, event.reason) } : event
    this.#ports.toHost({ type: 'event', name, event: wire })
  }
}
