import { type BundleOptions, type Bundling, bundlingWith } from '../base/bundle-options.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import { checkIsolate, type IsolateKind } from '../base/isolate-kind.ts'
import { checkDuration, SPARES_MAX, type SystemLimits } from '../base/limits.ts'
import { checkLogLevel, type LogLevel } from '../base/log-level.ts'
import { checkKeys } from '../base/options.ts'
import { shown } from '../base/shown.ts'
import type { Arena } from '../queue/arena.ts'
import { checkContext } from '../ref/context-keys.ts'
import { namedModules } from '../supervisor/actors-in.ts'
import type { AnySpec, Intensity, Strategy } from '../supervisor/child-spec.ts'
import type { ControlBoot } from './control-boot.ts'
import type { Platform } from './platform.ts'

export interface SystemOptions {
  /** For people: in the tree, in thread names, in errors. */
  readonly name: string
  /** Static children of the root, in the order of their start. Default none. */
  readonly children?: readonly AnySpec[]
  /** Of the root. Default `one-for-one`. */
  readonly strategy?: Strategy
  /** Of the root. Default 3 restarts within 5 000 ms; then the system closes, and `closed` rejects. */
  readonly intensity?: Intensity
  readonly limits?: Partial<SystemLimits>
  /**
   * Idle isolates kept ready, so that a spawn or a restart takes a millisecond and not a thread's start. Each costs what an
   * isolate costs (6 to 12 MB), and counts towards `limits.actorsMax`. Default: one for each processor and for each 512 MiB
   * of memory that the process may use, 4 at most; 0: every start is cold.
   */
  readonly spares?: number
  /** Lines of actors' logs (`this.context.log`) below this go nowhere, and cost nothing. Default `info`. */
  readonly logLevel?: LogLevel | 'silent'
  /**
   * Whether what this process loads before its program (`--import`, `--require`: agents, instrumentation) is loaded in every isolate
   * too, before its actor. It costs each start what it takes to load. Default true; loaders of TypeScript (tsx …) never are.
   */
  readonly preloads?: boolean
  /**
   * What travels with every message beside its arguments, by the names that it was registered under (`registerContext`), and
   * 'trace': W3C's trace context. The values must be such as can be sent. Default none, and then it costs nothing.
   */
  readonly context?: readonly string[]
  /**
   * Where actors run whose spec does not say it. `inline`: in this thread, for tests and debuggers; there are no spares then, unless
   * `spares` says so. What that does not have: docs/guide/testing.md. Default `thread`: each in a thread of its own.
   */
  readonly isolate?: IsolateKind
  /**
   * For development: when a file of which an actor is made is written, its actors are upgraded (see `upgrade`) to the new version, and
   * go on as they are when that cannot be built or does not start; a `warning` says where it fails. Actors in JavaScript are bundled
   * then, too. Default false.
   */
  readonly watch?: boolean
  /** How the modules of actors are bundled. Default: those in TypeScript, with all that they import. */
  readonly bundle?: BundleOptions
}

export const SYSTEM_KEYS = [
  'name',
  'children',
  'strategy',
  'intensity',
  'limits',
  'spares',
  'logLevel',
  'preloads',
  'context',
  'isolate',
  'watch',
  'bundle',
] satisfies readonly (keyof SystemOptions)[]

export interface StopOptions {
  /** Whether actors finish what is queued, too. Default false: what is begun. */
  readonly drain?: boolean
  /** After this, what is left is killed. Default 30 000. A second call may shorten it. */
  readonly deadlineMs?: number
}

const STOP_KEYS = ['drain', 'deadlineMs']
const STOP_DEADLINE_MS = 30_000

/** A misspelt deadline would be one of half a minute. */
export function stopOptionsFrom(options: StopOptions = {}): Required<StopOptions> {
  checkKeys(options, STOP_KEYS, 'system.stop')
  return { drain: options.drain ?? false, deadlineMs: checkDuration(options.deadlineMs ?? STOP_DEADLINE_MS, 'deadlineMs') }
}

/** How sources become what isolates load. What `troupe build` has written has none that could be followed. */
export function sourcesFrom({ watch = false, bundle }: SystemOptions): { readonly watch: boolean; readonly bundling: Bundling } {
  if (typeof watch !== 'boolean') throw new InvalidArgumentError(`watch must be true or false, and is ${shown(watch)}.`)
  const bundling = bundlingWith(bundle)
  if (watch && bundling.built !== undefined)
    throw new InvalidArgumentError('watch follows sources, and bundle.built has none. Leave one of them out.')
  return { watch, bundling: { ...bundling, javascript: bundling.javascript || watch } }
}

export function sparesFrom(wanted: number | undefined, byDefault: number): number {
  if (wanted === undefined) return byDefault
  if (Number.isSafeInteger(wanted) && wanted >= 0 && wanted <= SPARES_MAX) return wanted
  throw new InvalidArgumentError(`spares must be a whole number from 0 to ${SPARES_MAX}, and is ${shown(wanted)}.`)
}

/** What the control side is told of them. @throws {InvalidArgumentError} for one that is wrong */
export function bootFrom(options: SystemOptions, platform: Platform, arena: Arena, limits: SystemLimits, callers: readonly string[]) {
  return {
    system: options.name,
    memory: arena.memory,
    epochMs: platform.clock.nowMs(),
    limits,
    spinMs: platform.isolateSpinMs,
    isolate: checkIsolate(options.isolate),
    spares: sparesFrom(options.spares, options.isolate === 'inline' ? 0 : platform.spares),
    ...sourcesFrom(options),
    named: namedModules(),
    starters: callers,
    processBytes: platform.processBytes,
    logLevel: checkLogLevel(options.logLevel),
    context: checkContext(options.context),
    preloads: options.preloads === false ? [] : platform.preloads,
  } satisfies ControlBoot
}
