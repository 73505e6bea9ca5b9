import type { Clock } from '../base/clock.ts'
import type { SystemLimits } from '../base/limits.ts'
import type { WireDeadLetter } from '../isolate/isolate.ts'
import type { OfficeClient } from '../isolate/office-client.ts'

/** What a messenger needs of its thread. */
export interface MessengerPorts {
  readonly clock: Clock
  /** `clock.nowMs()` at the system's start. */
  readonly epochMs: number
  readonly limits: SystemLimits
  /** The keys whose values travel with messages (ref/carrier.ts). Default none. */
  readonly context?: readonly string[]
  /** What keeps what travels beside messages; undefined: nothing does. */
  readonly office?: OfficeClient | undefined
  /** How long a synchronous ask looks for its reply before the thread sleeps. */
  readonly spinMs: number
  /** A tell that was refused. */
  onRefused(letter: WireDeadLetter): void
  onCorruptLane(sender: number): void
  /** There is a reply to wait for: somebody should call `stepReplies` from now on. */
  onExpecting(): void
}
