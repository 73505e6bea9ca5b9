import type { Clock } from '../base/clock.ts'
import { NotSendableError } from '../base/errors.ts'
import { ASK_TIMEOUT_MS } from '../base/limits.ts'
import { type Enclosed, type EnclosureHooks, type EnclosureName, weigh } from '../codec/enclosures.ts'
import { handleName, unmark } from '../codec/moved.ts'
import { WaitWord } from '../queue/wait-word.ts'
import type { Destination, FromOffice, OfficeLine, OpenLine, Sealed } from './office-line.ts'

export interface OfficeClientPorts {
  readonly clock: Clock
  readonly openLine: OpenLine
  /** Runs a wait that blocks the thread (queue/parking.ts). */
  inWait?<T>(wait: () => T): T
  isDying(): boolean
}

/** A blocked thread looks again this often: the net under lost wake-ups. */
const SLICE_MS = 50
const LINES_MAX = 2 ** 48

/**
 * A thread's end of the office (system/office.ts), where what travels beside a message waits until it is read. Threads that
 * send and receive only bytes have no line to it, and pay nothing.
 */
export class OfficeClient implements EnclosureHooks {
  readonly #ports: OfficeClientPorts
  /** Numbers are given out before there is a line. */
  readonly #number = Math.floor(Math.random() * LINES_MAX) + 1
  readonly #words = new Int32Array(new SharedArrayBuffer(8))
  readonly #answered = new WaitWord(this.#words, 0)
  #line: OfficeLine | undefined
  #last = 0
  #isClosed = false

  constructor(ports: OfficeClientPorts) {
    this.#ports = ports
  }

  nextName(): EnclosureName {
    return { line: this.#number, number: ++this.#last }
  }

  /** Before its message is committed: so nobody ever waits for what its sender had no time to bring. */
  deposit({ name, things }: Enclosed, to: Destination): void {
    const moved = things.filter(({ isMoved }) => isMoved).map(({ value }) => value)
    const values = things.map(({ value }) => value)
    // Afterwards a moved buffer has none.
    const bytes = values.reduce((sum, value) => sum + bytesOf(value), 0)
    const line = this.#open()
    let sealed: Sealed
    try {
      sealed = line.seal(values, moved)
    } catch (error) {
      const refused = new NotSendableError('args', whyNotMoved(error as Error, moved))
      refused.cause = error
      throw refused
    }
    line.post({ type: 'deposit', number: name.number, to, sealed, bytes })
    for (const value of moved) unmark(value)
  }

  take(name: EnclosureName): readonly unknown[] | undefined {
    if (this.#isClosed || this.#ports.isDying()) return undefined
    const { inWait } = this.#ports
    const line = this.#open()
    line.post({ type: 'take', name })
    const wait = (): FromOffice | undefined => this.#await(line)
    const answer = line.receive() ?? (inWait === undefined ? wait() : inWait(wait))
    const things = answer?.sealed === undefined ? undefined : line.open(answer.sealed)
    for (const thing of things ?? []) weigh(thing)
    return things
  }

  drop(name: EnclosureName): void {
    if (!this.#isClosed) this.#open().post({ type: 'drop', name })
  }

  close(): void {
    this.#isClosed = true
    this.#line?.close()
  }

  #open(): OfficeLine {
    return (this.#line ??= this.#ports.openLine(this.#number, this.#words))
  }

  #await(line: OfficeLine): FromOffice | undefined {
    const { clock, isDying } = this.#ports
    const untilMs = clock.nowMs() + ASK_TIMEOUT_MS
    while (clock.nowMs() < untilMs && !isDying()) {
      const epoch = this.#answered.announce()
      const answer = line.receive()
      if (answer !== undefined) return answer
      this.#answered.wait(epoch, SLICE_MS)
    }
    return line.receive()
  }
}

/** The engine's own words do not say which, nor what to do. */
function whyNotMoved({ message }: Error, moved: readonly object[]): string {
  const handles = moved.map(handleName).filter((name) => name !== undefined)
  const advice =
    handles.length === 0
      ? ''
      : ` Node moves sockets and servers from 24 on, and none with TLS: let one actor own it, and pass the ActorRef.`
  return `something in it${handles.length === 0 ? '' : ` (${handles.join(', ')})`} cannot be moved: ${message}.${advice}`
}

function bytesOf(value: object): number {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer ? value.byteLength : 0
}
