import type { IsolateKind } from '../base/isolate-kind.ts'
import { SHUTDOWN_MS, START_MS } from '../base/limits.ts'
import { didYouMean } from '../base/nearest-name.ts'
import { shown } from '../base/shown.ts'
import type { PartitionBy } from '../ref/partition-key.ts'
import type { ActorClass, SpawnArgs, SpawnOptions } from '../ref/ref-types.ts'
import { type ActorLimits, UNLIMITED } from './actor-limits.ts'
import { type ActorPlace, placeOf } from './actor-place.ts'
import { type Backoff, type BackoffOptions, backoffOf } from './backoff.ts'

/**
 * A spec is plain data: what to run, and what its supervisor does when it ends. This file makes specs, spec-faults.ts
 * checks whole trees of them, and decision.ts acts on them.
 */
export type AnySpec = ChildSpec | SupervisorSpec | DynamicSupervisorSpec

/** Which ends of a child its supervisor answers with a restart: all, all but the clean ones (`normal`, `shutdown`), none. */
export const RESTARTS = ['permanent', 'transient', 'temporary'] as const
export type Restart = (typeof RESTARTS)[number]

/** Who is restarted with a failed child: nobody, all, or those that were started after it. */
export const STRATEGIES = ['one-for-one', 'one-for-all', 'rest-for-one'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** Which end of a significant child ends its supervisor too. */
export const AUTO_SHUTDOWNS = ['never', 'any-significant', 'all-significant'] as const
export type AutoShutdown = (typeof AUTO_SHUTDOWNS)[number]

/** How many restarts a supervisor may do in a sliding window of time. One more, and it gives up. */
export interface Intensity {
  readonly restarts: number
  readonly withinMs: number
}

/** Elixir's defaults. OTP's own is 1 in 5 s, which one bad deploy uses up. */
export const INTENSITY: Intensity = { restarts: 3, withinMs: 5_000 }

declare const actorType: unique symbol

export interface ChildSpec<A = unknown> {
  readonly kind: 'actor'
  readonly name: string
  readonly place: ActorPlace
  /** What the constructor gets, at the first start and at every restart. */
  readonly args: readonly unknown[]
  readonly restart: Restart
  readonly shutdownMs: ShutdownMs
  readonly significant: boolean
  readonly backoff: Backoff | undefined
  readonly startMs: number
  /** What a throw in an asked method is: a reply, or a crash. undefined: what the class says (`static onThrow`). */
  readonly onThrow: 'reply' | 'crash' | undefined
  /** For how long one message may keep the event loop from turning. undefined: what the class says (`static hangAfterMs`). */
  readonly hangAfterMs: number | undefined
  /** How often a message that was begun when its actor died is begun again (G5). */
  readonly redeliver: number
  /** How much memory it may use. */
  readonly limits: ActorLimits
  /** Where it runs. undefined: what the system says. */
  readonly isolate: IsolateKind | undefined
  readonly faults?: SpecFaults
  readonly [actorType]?: A
}

export interface SupervisorSpec {
  readonly kind: 'supervisor'
  readonly name: string
  readonly strategy: Strategy
  readonly intensity: Intensity
  readonly autoShutdown: AutoShutdown
  /** In the order of their start. */
  readonly children: readonly AnySpec[]
  /** How keys are spread over its children (partition-spec.ts); undefined: they are not. */
  readonly partitionBy: PartitionBy | undefined
  readonly restart: Restart
  readonly shutdownMs: ShutdownMs
  readonly significant: boolean
  readonly backoff: Backoff | undefined
  readonly faults?: SpecFaults
}

/** A supervisor whose children come while it runs. Each is one for itself, and is forgotten when it ends for good. */
export interface DynamicSupervisorSpec {
  readonly kind: 'dynamic-supervisor'
  readonly name: string
  readonly intensity: Intensity
  /** Whose restarts `intensity` counts: all children's together, as OTP, or each child's own. */
  readonly per: 'supervisor' | 'child'
  readonly maxChildren: number
  readonly restart: Restart
  readonly shutdownMs: ShutdownMs
  readonly significant: boolean
  readonly backoff: Backoff | undefined
  readonly faults?: SpecFaults
}

/** What was wrong already when the spec was made; only if anything was. Told with all other faults of its tree. */
type SpecFaults = readonly string[]

/** Milliseconds from the request to stop until the kill. `Infinity`: no kill. `'kill'`: no request, the kill at once. */
export type ShutdownMs = number | 'kill'

interface SupervisedOptions {
  /** Default `permanent`. */
  readonly restart?: Restart
  /** Default 5 000 for an actor, Infinity for a supervisor. */
  readonly shutdownMs?: ShutdownMs
  /** Whether its end counts for `autoShutdown` of its supervisor. Default false; not for a permanent child. */
  readonly significant?: boolean
  /** A pause before each restart. Default none: it is restarted at once. */
  readonly backoff?: BackoffOptions
}

/** What `child(Class, options)` takes besides `args`. A static child has a name of its own choosing. */
export interface ChildOptions extends SpawnOptions {
  readonly name: string
  /** Whether its end counts for `autoShutdown` of its supervisor. Default false; not for a permanent child. */
  readonly significant?: boolean
}

export interface SupervisorOptions extends SupervisedOptions {
  readonly name: string
  /** Default `one-for-one`. */
  readonly strategy?: Strategy
  /** Default 3 restarts within 5 000 ms. */
  readonly intensity?: Intensity
  /** Default `never`. */
  readonly autoShutdown?: AutoShutdown
  /** Default none: they can come later. */
  readonly children?: readonly AnySpec[]
}

export interface DynamicSupervisorOptions extends SupervisedOptions {
  readonly name: string
  /** Default 3 restarts within 5 000 ms. */
  readonly intensity?: Intensity
  /** Default `supervisor`. */
  readonly per?: 'supervisor' | 'child'
  /** Default Infinity. */
  readonly maxChildren?: number
}

const SUPERVISED_KEYS = ['name', 'restart', 'shutdownMs', 'significant', 'backoff']
const CHILD_KEYS = [...SUPERVISED_KEYS, 'args', 'startMs', 'onThrow', 'hangAfterMs', 'redeliver', 'limits', 'isolate']
const SUPERVISOR_KEYS = [...SUPERVISED_KEYS, 'strategy', 'intensity', 'autoShutdown', 'children']
const DYNAMIC_KEYS = [...SUPERVISED_KEYS, 'intensity', 'per', 'maxChildren']

/**
 * The spec of one actor under a supervisor. It throws nothing: what is wrong with it (a class without a place, an unknown
 * option) is told when it is used, with all other faults of its tree.
 */
export function child<A, P extends readonly unknown[]>(actor: ActorClass<A, P>, ...[options]: SpawnArgs<P, ChildOptions>): ChildSpec<A> {
  const { place, faults } = placeOf(actor)
  const given: Partial<ChildOptions> & { readonly args?: readonly unknown[] } = options ?? {}
  return {
    kind: 'actor',
    ...supervised(given, SHUTDOWN_MS),
    place,
    args: given.args ?? [],
    startMs: given.startMs ?? START_MS,
    onThrow: given.onThrow,
    hangAfterMs: given.hangAfterMs,
    redeliver: given.redeliver ?? 0,
    limits: typeof given.limits === 'object' ? { ...UNLIMITED, ...given.limits } : ((given.limits as undefined) ?? UNLIMITED),
    isolate: given.isolate,
    ...faultsIn([...faults, ...unknownKeys(options, CHILD_KEYS)]),
  }
}

/** The spec of a supervisor with its children, in the order of their start. As `child`, it throws nothing. */
export function supervisor(given: SupervisorOptions): SupervisorSpec {
  const options: Partial<SupervisorOptions> = given ?? {}
  return {
    kind: 'supervisor',
    ...supervised(options, Number.POSITIVE_INFINITY),
    strategy: options.strategy ?? 'one-for-one',
    intensity: options.intensity ?? INTENSITY,
    autoShutdown: options.autoShutdown ?? 'never',
    children: options.children ?? [],
    partitionBy: undefined,
    ...faultsIn(unknownKeys(given, SUPERVISOR_KEYS)),
  }
}

/** The spec of a supervisor whose children are started while it runs. As `child`, it throws nothing. */
export function dynamicSupervisor(given: DynamicSupervisorOptions): DynamicSupervisorSpec {
  const options: Partial<DynamicSupervisorOptions> = given ?? {}
  return {
    kind: 'dynamic-supervisor',
    ...supervised(options, Number.POSITIVE_INFINITY),
    intensity: options.intensity ?? INTENSITY,
    per: options.per ?? 'supervisor',
    maxChildren: options.maxChildren ?? Number.POSITIVE_INFINITY,
    ...faultsIn(unknownKeys(given, DYNAMIC_KEYS)),
  }
}

/** A name that is missing stays missing here: spec-faults.ts tells it with all other faults. */
function supervised(options: SupervisedOptions & { readonly name?: string }, shutdownMs: number) {
  return {
    name: options.name as string,
    restart: options.restart ?? 'permanent',
    shutdownMs: options.shutdownMs ?? shutdownMs,
    significant: options.significant ?? false,
    backoff: backoffOf(options.backoff),
  }
}

/** Spread, a text or an array would be an object with numbers for keys. */
export function isOptions(options: unknown): options is object {
  return typeof options === 'object' && options !== null && !Array.isArray(options)
}

function unknownKeys(options: unknown, known: readonly string[]): string[] {
  if (options !== undefined && !isOptions(options))
    return [`the options are ${shown(options)}, and must be an object: { name: 'counter', args: [ … ] }.`]
  const unknown = Object.keys(options ?? {}).filter((key) => !known.includes(key))
  return unknown.map((key) => `the option '${key}' is unknown.${didYouMean(key, known) || ` Known: ${known.join(', ')}.`}`)
}

/** Kept in the spec until it is checked: whoever makes five mistakes in a tree is told of five. */
function faultsIn(faults: readonly string[]): { readonly faults?: readonly string[] } {
  return faults.length === 0 ? {} : { faults }
}
