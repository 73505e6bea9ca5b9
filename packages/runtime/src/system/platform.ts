import type { Clock } from '../base/clock.ts'
import type { ControlCall, OpenOffice } from '../isolate/isolate.ts'
import type { OpenLine } from '../isolate/office-line.ts'
import type { OutputStream } from '../isolate/said.ts'
import type { ToHost } from './control.ts'
import type { ControlBoot } from './control-boot.ts'

/** What a system runs on: threads, timers and the clock come from the edges. */
export interface Platform {
  readonly clock: Clock
  readonly hostSpinMs: number
  readonly isolateSpinMs: number
  /** Idle isolates, unless the user says how many. */
  readonly spares: number
  /** Memory that this process may use: of its container, if that has a limit. */
  readonly processBytes: number
  /** Flags of what this process has loaded before its program. */
  readonly preloads: readonly string[]
  nextTurn(task: () => void): void
  /** What this thread may allocate before V8's next young collection. */
  youngBytesLeft(): number
  /** For what would go unnoticed: nobody listens to the event. */
  warn(text: string): void
  /** Writes to the process's own output; `done` when it has been taken. */
  write(stream: OutputStream, text: string, done: () => void): void
  /** Whether somebody may be debugging this process: whoever stands at a breakpoint does not hang. */
  isDebugged(): boolean
  startControl(boot: ControlBoot, events: ControlEvents): ControlLink
}

export type ToControl = ControlCall | { readonly type: 'exit' } | OpenOffice

export interface ControlLink {
  post(message: ToControl): void
  readonly openLine: OpenLine
  /** Ends the control side and all that it owns, whatever it is doing. */
  end(): Promise<void>
}

export interface ControlEvents {
  onMessage(message: ToHost): void
  /** It has ended. `error`: when nobody had asked for it. */
  onExit(error: unknown): void
}
