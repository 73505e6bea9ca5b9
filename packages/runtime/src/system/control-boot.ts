import type { Bundling } from '../base/bundle-options.ts'
import type { IsolateKind } from '../base/isolate-kind.ts'
import type { SystemLimits } from '../base/limits.ts'
import type { LogLevel } from '../base/log-level.ts'

/** What the control thread is given at its start. */
export interface ControlBoot {
  readonly system: string
  readonly memory: SharedArrayBuffer
  readonly epochMs: number
  /** What travels with every message beside its arguments. */
  readonly context?: readonly string[]
  readonly limits: SystemLimits
  readonly spinMs: number
  /** Where actors run whose spec does not say it. */
  readonly isolate?: IsolateKind
  /** How many idle isolates are kept ready. */
  readonly spares: number
  /** Modules of actors that the host has named so far: some of these will most likely be started. */
  readonly named?: readonly string[]
  /** The modules whose code has started the system, the innermost first. */
  readonly starters?: readonly string[]
  /** Whether actors follow changes of their sources. */
  readonly watch?: boolean
  /** For who makes modules loadable. */
  readonly bundling?: Bundling
  /** Memory that this process may use. */
  readonly processBytes: number
  readonly logLevel: LogLevel | 'silent'
  /** Flags of what every isolate loads before its actor. */
  readonly preloads?: readonly string[]
}
