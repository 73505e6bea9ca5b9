import { type Address, parentPath } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import type { SystemEventName, SystemEvents } from '../base/events.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { Codec } from '../codec/codec.ts'
import type {
  ControlAnswer,
  EndNotice,
  FromIsolate,
  MakeIsolate,
  OpenOffice,
  StartIsolate,
  ToIsolate,
  WireDeadLetter,
} from '../isolate/isolate.ts'
import { LetterBox } from '../isolate/letter-box.ts'
import { type ControlRequest, GROUP_PREFIX, type Members } from '../isolate/requests.ts'
import type { Said } from '../isolate/said.ts'
import { toWireReason } from '../isolate/wire-reason.ts'
import { Arena } from '../queue/arena.ts'
import { Names } from '../queue/names.ts'
import { takeUnsaid } from '../queue/said.ts'
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
import { Requests } from './requests.ts'
import { Residents } from './residents.ts'
import { Scans } from './scans.ts'
import { Spares } from './spares.ts'
import { asError } from './start-errors.ts'
import { Supervision } from './supervision.ts'
import type { Watcher } from './watch-list.ts'

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
  readonly #requests: Requests
  #ending: Promise<void> | undefined
  readonly #scans: Scans

  constructor(boot: ControlBoot, ports: ControlPorts) {
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
    this.#requests = new Requests(boot.system, {
      clock: ports.clock,
      codec: this.#codec,
      arena: this.#arena,
      names: this.#names,
      residents: this.#residents,
      supervision: this.#supervision,
      administration: this.#administration,
      memberNews: this.#memberNews,
      groups: this.#groups,
      inspector: this.#inspector,
      office: this.#office,
      prepareModule: (module) => ports.prepareModule(module),
      rouse: () => this.#scans.rouse(),
      closed: (reason) => this.#closed(reason),
    })
  }

  /** A line of the host to the office. */
  openOffice({ line, words, port }: OpenOffice): void {
    this.#office.addLine(this.#residents.relations.host, line, words, port)
  }

  /** A request of the host. */
  onHostCall(id: number, request: ControlRequest): void {
    void this.#requests.answer(id, request, this.#residents.relations.host, (answer) => this.#ports.toHost(answer))
  }

  /** Nothing is started any more; resolves when no idle isolate is left. */
  end(): Promise<void> {
    this.#scans.stop()
    return (this.#ending ??= this.#spares.end())
  }

  #tellMembers(to: Watcher, members: Members): void {
    const notice = { type: 'members', members } as const
    if (to === this.#residents.relations.host) this.#ports.toHost(notice)
    else this.#tell(to, notice)
  }

  /** Only that incarnation. */
  #tell({ address, incarnation }: Watcher, signal: ToIsolate): void {
    const life = this.#residents.at(address)
    if (life?.incarnation === incarnation) life.post(signal)
  }

  #onNotice(life: ActorLife, notice: FromIsolate): void {
    const from = { address: life.address, incarnation: life.incarnation }
    switch (notice.type) {
      case 'call':
        // A successor numbers its own requests from 1 on, too.
        return void this.#requests.answer(notice.id, notice.request, from, (answer) => this.#tell(from, answer))
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
