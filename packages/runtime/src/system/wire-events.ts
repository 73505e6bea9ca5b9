import type { EventStream, SystemEventName, SystemEvents } from '../base/events.ts'
import { describeExit } from '../base/exit-reason.ts'
import type { Codec } from '../codec/codec.ts'
import { fromWireReason } from '../isolate/wire-reason.ts'
import { tapStarted } from '../ref/taps.ts'

/** What the control side tells, as its listeners get it: errors are decoded. */
export class WireEvents {
  readonly #system: string
  readonly #codec: Codec
  readonly #stream: EventStream
  /** For what would go unnoticed: nobody listens to the event. */
  readonly #warn: (text: string) => void
  lastGaveUp: SystemEvents['gaveUp'] | undefined

  constructor(system: string, codec: Codec, stream: EventStream, warn: (text: string) => void) {
    this.#system = system
    this.#codec = codec
    this.#stream = stream
    this.#warn = warn
  }

  onEvent(name: SystemEventName, wire: unknown): void {
    const event = wire as SystemEvents[SystemEventName]
    const decoded =
      'reason' in event && event.reason !== undefined ? { ...event, reason: fromWireReason(this.#codec, event.reason) } : event
    if (name === 'gaveUp') this.#onGaveUp(decoded as SystemEvents['gaveUp'])
    if (name === 'crashLoop') this.#onCrashLoop(decoded as SystemEvents['crashLoop'])
    if (name === 'warning' && !this.#stream.hasListeners(name)) this.#warn((decoded as SystemEvents['warning']).text)
    if (name === 'started') tapStarted(this.#system, decoded as SystemEvents['started'])
    this.#stream.emit(name, decoded as never)
  }

  #onGaveUp(gaveUp: SystemEvents['gaveUp']): void {
    this.lastGaveUp = gaveUp
    const { path, child, restarts, withinMs, reason } = gaveUp
    if (this.#stream.hasListeners('gaveUp')) return
    this.#warn(
      path === child
        ? `${path} ended more than ${restarts} times within ${withinMs} ms and is not restarted any more. Last: ${describeExit(reason)}`
        : `the supervisor ${path} gave up and stopped its children, because there were more than ${restarts} restarts among them within ${withinMs} ms. Last: ${child}, ${describeExit(reason)}`,
    )
  }

  #onCrashLoop({ path, restarts, withinMs, reason }: SystemEvents['crashLoop']): void {
    if (this.#stream.hasListeners('crashLoop')) return
    this.#warn(`${path} was restarted ${restarts} times within ${withinMs} ms. Last: ${describeExit(reason)}`)
  }
}
