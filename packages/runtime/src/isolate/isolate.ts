import type { Address } from '../base/address.ts'
import type { DeadLetter } from '../base/events.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { SystemLimits } from '../base/limits.ts'
import type { LogLevel } from '../base/log-level.ts'
import type { LanePosition } from '../queue/lane-consumer.ts'
import type { Measured, MeasuredLoop } from './measured.ts'
import type { OfficePort } from './office-line.ts'
import type { ControlRequest, Members } from './requests.ts'
import type { Said } from './said.ts'

/**
 * What a place to run an actor must do. There are two: a worker thread (node/worker-isolate.ts) and its host's
 * thread (node/inline-isolate.ts, and in that thread node/inline-host.ts).
 */
export interface Isolate {
  post(signal: ToIsolate): void
  /** Ends it at once, wherever it is; `onExit` follows when it has really ended. */
  kill(): void
  /** What it uses. Answers in time, whatever it is doing. */
  measure?(): Promise<Measured>
  /** How busy its event loop has been. */
  loop?(): MeasuredLoop
  /** Looks at what it is executing from now on. Undefined where that cannot be seen (Node before 24.8). */
  watchStack?(): StackWatch | undefined
}

export interface StackWatch {
  /** Where it was most of the time, innermost call first; empty when it did not answer in time. */
  topFrames(): Promise<readonly string[]>
}

export interface IsolateEvents {
  onNotice(notice: FromIsolate): void
  /** The last event. `error`: what the place itself says of an end that the isolate could not report. */
  onExit(exit: { readonly code: number; readonly error: ExitReason | undefined }): void
}

export interface StartedIsolate extends Isolate {
  /** A spare has taken the actor; false: a thread was started for it. */
  readonly isWarm: boolean
}

export type StartIsolate = (boot: BootRecord, events: IsolateEvents) => StartedIsolate

/** A place in which no actor lives yet. Its thread may still be starting: what it is given waits for it. */
export interface EmptyIsolate {
  /** Gives it its actor, for good: its exit is told to that actor's events from here on, also if it has ended already. */
  run(boot: BootRecord, events: IsolateEvents): Isolate
  /** A module that its actor may have: it can make ready for it. `isNext`: it is the one that will be taken next. */
  expect(url: string, isNext: boolean): void
  /**
   * Who will probably live there (a path that is not known yet is left empty): it makes what does not need the actor. Nothing
   * of the actor runs, and nothing that is shared is touched, because its predecessor may still live. Whoever comes instead is
   * as welcome.
   */
  prepare(lodging: Lodging): void
  /** Nobody will live there: it ends when it has loaded. (A thread that is terminated while it opens a file leaves it open.) */
  end(): void
}

export interface EmptyIsolateEvents {
  /** Its thread has loaded the runtime, and takes an actor at once. */
  onLoaded(): void
  /** It has ended before it was given an actor. */
  onExit(): void
}

/**
 * `name`: for people, in debuggers. `isSpare`: its actor is still to come, so it may take its time to get ready for it.
 * `heapMb`: what its heap may grow to, in MiB; Infinity: no limit. It cannot be given later.
 */
export type MakeIsolate = (
  birth: { readonly name: string; readonly isSpare: boolean; readonly heapMb: number },
  events: EmptyIsolateEvents,
) => EmptyIsolate

/** Who will live in an isolate. */
export interface Lodging {
  readonly self: Address
  readonly incarnation: number
}

/** What all isolates of a system have in common. */
export interface Surroundings {
  readonly system: string
  readonly memory: SharedArrayBuffer
  /** `clock.nowMs()` at the system's start: deadlines in records count from here. */
  readonly epochMs: number
  readonly limits: SystemLimits
  readonly spinMs: number
  /** The keys whose values travel with messages. */
  readonly context?: readonly string[]
}

/** All that an isolate gets at birth; nothing else is inherited. Plain data and the arena. */
export interface BootRecord extends Surroundings, Lodging {
  /** The URL to import: the module itself, or the bundle made of it. */
  readonly url: string
  /** The module as its author knows it, for error texts. */
  readonly source: string
  /** The modules whose code has started the system, the innermost first (node/loading.ts). */
  readonly starters: readonly string[]
  /** The name under which it exports the class. */
  readonly exportName: string
  /** The constructor's arguments, encoded. */
  readonly args: Uint8Array
  /** The shared memory that belongs to them. */
  readonly beside: readonly unknown[]
  readonly onThrow: 'reply' | 'crash' | undefined
  /** What it has begun may be begun again after its death. */
  readonly redelivers: boolean
  /** Lines of its log below this go nowhere. */
  readonly logLevel: LogLevel | 'silent'
  /** What its heap may grow to, in MiB; Infinity: no limit. Its thread was born with it. */
  readonly heapMb: number
  /** The same of what it has outside of its heap; whoever measures it sees to that. */
  readonly externalMb: number
  /** What its predecessor's onUpgrade returned, encoded; only right after an upgrade. */
  readonly handedOver: Uint8Array | undefined
}

/** What is said to an isolate that knows its surroundings. */
export type Start = Omit<BootRecord, keyof Surroundings>

/** Runtime signals: they act at once, or between two messages, never behind the mailbox. */
export type ToIsolate =
  /** Finish what is begun (and what is queued, if `drain`), run onStop, say `stopped`. */
  | { readonly type: 'stop'; readonly drain: boolean }
  | { readonly type: 'members'; readonly members: Members }
  | EndNotice
  /** Says that the event loop still turns, by `answerPing`. */
  | { readonly type: 'ping'; readonly ping: number }
  /** Finish what is begun, run onUpgrade, say `handedOver`; then as `stop`. */
  | { readonly type: 'upgrade' }
  | ControlAnswer

/** Something that was watched or linked to has ended. */
export interface EndNotice {
  /** The address; one incarnation, for who watches those; one incarnation, for who was linked to it. */
  readonly type: 'terminated' | 'incarnationEnded' | 'exit'
  /** 0 for an exit. */
  readonly watch: number
  readonly ref: Address
  readonly incarnation: number
  readonly reason: ExitReason
  /** How far the dead actor had come in its lane to us; the notice waits until that is begun (G9). */
  readonly after: LanePosition | undefined
}

export interface ControlAnswer {
  readonly type: 'answer'
  readonly id: number
  readonly value?: unknown
  /** An encoded error (wire-reason.ts). */
  readonly error?: unknown
}

export interface ControlCall {
  readonly type: 'call'
  readonly id: number
  readonly request: ControlRequest
}

/** A dead letter on its way to those who listen: its arguments are still encoded. */
export interface WireDeadLetter extends Omit<DeadLetter, 'args' | 'from'> {
  /** A seat, where only that is known: the control side knows whose it is. */
  readonly from: string | number
  readonly payload: Uint8Array | undefined
  /** Whether the last of its arguments is what its sender's context carried. */
  readonly carries?: boolean
}

export type FromIsolate =
  /** It has got its boot record; before this, nothing of its actor has run. */
  | { readonly type: 'taken' }
  /** How far its start has come: this is what it does now. */
  | { readonly type: 'reached'; readonly stage: 'constructor' | 'onStart' }
  /** `hangAfterMs`: what its class says. */
  | { readonly type: 'ready'; readonly hangAfterMs?: number | undefined }
  | { readonly type: 'startFailed'; readonly reason: ExitReason }
  /** Its own fatal error; the isolate ends right after. */
  | { readonly type: 'crashed'; readonly reason: ExitReason }
  /** The stop handshake: only this is a normal end (D7). `normal`: it asked for it itself. */
  | { readonly type: 'stopped'; readonly reason: ExitReason }
  | { readonly type: 'deadLetter'; readonly letter: WireDeadLetter }
  /** `state`: what onUpgrade returned, encoded. The isolate stops then. */
  | { readonly type: 'handedOver'; readonly state: Uint8Array }
  /** `error`: encoded. The actor goes on. */
  | { readonly type: 'upgradeRefused'; readonly error: unknown }
  | { readonly type: 'deadLettersDropped'; readonly count: number }
  /** A child process of its own has started, or ended. `isGroup`: it leads one. */
  | { readonly type: 'process'; readonly pid: number; readonly isGroup: boolean; readonly isAlive: boolean }
  /** It has written something. */
  | { readonly type: 'said'; readonly said: Said }
  /** A sender wrote over its own lane. */
  | { readonly type: 'corruptLane'; readonly sender: number }
  /** A line to the office, when it is needed for the first time. */
  | OpenOffice
  | ControlCall

/** `port`: the control side's end of the line; `words`: to wake its owner by. */
export interface OpenOffice {
  readonly type: 'office'
  readonly line: number
  readonly words: Int32Array
  readonly port: OfficePort
}
