import { checkName, childPath } from '../base/address.ts'
import { ISOLATES } from '../base/isolate-kind.ts'
import { didYouMean } from '../base/nearest-name.ts'
import { shown } from '../base/shown.ts'
import { PARTITION_BY } from '../ref/partition-key.ts'
import { limitFaults } from './actor-limits.ts'
import { moduleUrl } from './actor-place.ts'
import { AUTO_SHUTDOWNS, type AutoShutdown, RESTARTS, STRATEGIES } from './child-spec.ts'

/** An attempt has a byte in the envelope. */
const REDELIVER_MAX = 100

/** What the supervisor above says about the specs below it. */
export interface Under {
  readonly path: string
  readonly autoShutdown: AutoShutdown
  readonly dynamic: boolean
  /** Of its intensity; undefined: not known. */
  readonly restarts?: number
}

/** The system's own root: nothing ends it but its intensity. */
const ROOT: Under = { path: '/', autoShutdown: 'never', dynamic: false }

/** Says what is wrong with one field, if anything. Faults read `<path>: <field> <what it says>`. */
type Check = (value: unknown, spec: Fields, under: Under) => string | readonly string[] | undefined
type Fields = Readonly<Record<string, unknown>>

/**
 * Every fault of a list of specs and of all that is below them: one line each, with the path and the cure. Takes anything,
 * because specs are plain data that may come from JavaScript or from a file. The caller throws InvalidSpecError.
 */
export function validateSpecs(specs: unknown, under: Under = ROOT): string[] {
  return listFaults(specs, under, [])
}

/** The same for `spawn`, where a name may be missing: `call` is what the spec is called in the texts. */
export function spawnFaults(spec: { readonly name: unknown }, call: string, under: Under): string[] {
  return specFaults(spec.name === undefined ? { ...spec, name: 'unnamed' } : spec, call, under, [])
}

/** The same for a child that is added to a supervisor: without a name it has no path. */
export function addedFaults(spec: unknown, under: Under): string[] {
  return specFaults(spec, isNamed(spec) ? childPath(under.path, spec.name) : `startChild of ${under.path}`, under, [])
}

/** What is no spec at all, in one or in the children of one: it could not even be sent to who checks it all. */
export function strangersIn(spec: unknown, parent: string, above: readonly unknown[] = []): string[] {
  const at = isNamed(spec) ? childPath(parent, spec.name) : `a child of ${parent}`
  const fault = strangeness(spec, at, above)
  if (fault !== undefined) return [fault]
  const { kind, children } = spec as Fields
  if (kind !== 'supervisor') return []
  return Array.isArray(children) ? children.flatMap((inner: unknown) => strangersIn(inner, at, [...above, spec])) : [noList(children, at)]
}

/** Why it is no spec; undefined: it is one, with or without faults. */
function strangeness(spec: unknown, at: string, above: readonly unknown[]): string | undefined {
  if (typeof spec === 'function')
    return `${at}: is the class ${spec.name}, and must be a spec: child(${spec.name}, { name: '${spec.name.toLowerCase()}' }).`
  if (!isFields(spec)) return `${at}: is ${shown(spec)}, and not a spec. Make one with child(…), supervisor(…) or dynamicSupervisor(…).`
  if (above.includes(spec)) return `${at}: contains itself. A spec tree must end somewhere.`
  if (checksOf(spec) !== undefined) return undefined
  return `${at}: is not a spec: kind is ${shown(spec['kind'])}. Make one with child(…), supervisor(…) or dynamicSupervisor(…).`
}

function checksOf({ kind }: Fields): Readonly<Record<string, Check>> | undefined {
  return typeof kind === 'string' ? KINDS.get(kind) : undefined
}

function noList(specs: unknown, path: string): string {
  return `${path}: children is ${shown(specs)}, and must be an array of specs.`
}

function listFaults(specs: unknown, under: Under, above: readonly unknown[]): string[] {
  if (!Array.isArray(specs)) return [noList(specs, under.path)]
  const taken = new Map<unknown, number>()
  return specs.flatMap((spec: unknown, i) => {
    const at = pathOf(spec, under.path, i)
    const name = isFields(spec) ? spec['name'] : undefined
    const first = name === undefined ? undefined : taken.get(name)
    if (first === undefined) taken.set(name, i)
    const twice = first === undefined ? [] : [`${at}: the name is taken by children[${first}] of the same supervisor. Choose another.`]
    return [...twice, ...specFaults(spec, at, under, above)]
  })
}

function specFaults(given: unknown, at: string, under: Under, above: readonly unknown[]): string[] {
  const fault = strangeness(given, at, above)
  if (fault !== undefined) return [fault]
  const spec = given as Fields
  const checks = checksOf(spec)!
  const faults = [...faultsWhenMade(spec), ...fieldFaults(spec, checks, under), ...unknownFields(spec, checks)].map(
    (fault) => `${at}: ${fault}`,
  )
  return spec['kind'] === 'supervisor' ? [...faults, ...listFaults(spec['children'], underOf(spec, at), [...above, spec])] : faults
}

function faultsWhenMade({ faults }: Fields): readonly string[] {
  return Array.isArray(faults) ? (faults as string[]) : []
}

function fieldFaults(spec: Fields, checks: Readonly<Record<string, Check>>, under: Under): string[] {
  return Object.entries(checks).flatMap(([field, check]) => {
    const faults = [check(spec[field], spec, under) ?? []].flat()
    return faults.map((fault) => (fault.startsWith('.') ? field + fault : `${field} ${fault}`))
  })
}

function unknownFields(spec: Fields, checks: Readonly<Record<string, Check>>): string[] {
  const known = Object.keys(checks)
  const unknown = Object.keys(spec).filter((key) => key !== 'kind' && key !== 'faults' && !known.includes(key))
  return unknown.map((key) => `'${key}' is not a field of this kind of spec.${didYouMean(key, known) || ` Known: ${known.join(', ')}.`}`)
}

const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string)
      ? undefined
      : `is ${shown(value)}, and must be one of ${values.map(shown).join(', ')}.${typeof value === 'string' ? didYouMean(value, values) : ''}`

const name: Check = (value) => {
  if (value === undefined) return 'is missing. Give { name }: it names the child in paths, and keeps its mailbox through restarts.'
  try {
    checkName(value)
    return undefined
  } catch (error) {
    return `is wrong: ${(error as Error).message}`
  }
}

const shutdownMs: Check = (value) =>
  value === 'kill' || (typeof value === 'number' && value > 0)
    ? undefined
    : `is ${shown(value)}, and must be a number of milliseconds above 0, Infinity (no kill), or 'kill' (at once).`

const finiteMs = (value: unknown): string | undefined =>
  typeof value === 'number' && value > 0 && Number.isFinite(value)
    ? undefined
    : `is ${shown(value)}, and must be a finite number of milliseconds above 0.`

/** OTP's two bad combinations, and that a dynamic supervisor has no automatic shutdown. */
const significant: Check = (value, spec, under) => {
  if (typeof value !== 'boolean') return `is ${shown(value)}, and must be true or false.`
  if (!value) return undefined
  if (under.dynamic) return 'is true, which a dynamic supervisor cannot heed. Use supervisor({ autoShutdown }) for such children.'
  if (spec['restart'] === 'permanent') return "is true, but a permanent child is always restarted. Make it 'transient' or 'temporary'."
  return under.autoShutdown === 'never'
    ? "is true, but autoShutdown of its supervisor is 'never'. Give the supervisor autoShutdown: 'any-significant' or 'all-significant'."
    : undefined
}

const intensity: Check = (value) => {
  if (!isFields(value)) return `is ${shown(value)}, and must be { restarts, withinMs }.`
  const { restarts, withinMs, ...unknown } = value
  const faults = Object.keys(unknown).map((key) => `.${key} is not a field of an intensity. It has restarts and withinMs.`)
  if (!isWhole(restarts, 0)) faults.push(`.restarts is ${shown(restarts)}, and must be a whole number from 0.`)
  const window = finiteMs(withinMs)
  return window === undefined ? faults : [...faults, `.withinMs ${window}`]
}

const place: Check = (value, { faults }) => {
  // What is wrong with the class has been said.
  if (faults !== undefined) return undefined
  const { module, exportName } = isFields(value) ? value : {}
  if (moduleUrl(module) === undefined)
    return `.module is ${shown(module)}, and must be a file: URL. Let child(…) make the place from the class.`
  return typeof exportName === 'string' && exportName !== ''
    ? undefined
    : `.exportName is ${shown(exportName)}, and must name the exported class.`
}

const args: Check = (value) => (Array.isArray(value) ? undefined : `is ${shown(value)}, and must be an array: the constructor's arguments.`)
const maxChildren: Check = (value) =>
  value === Number.POSITIVE_INFINITY || isWhole(value, 1)
    ? undefined
    : `is ${shown(value)}, and must be a whole number above 0, or Infinity.`
const onThrow: Check = (value, ...rest) => (value === undefined ? undefined : oneOf(['reply', 'crash'])(value, ...rest))
const hangAfterMs: Check = (value) =>
  value === undefined || (typeof value === 'number' && value > 0)
    ? undefined
    : `is ${shown(value)}, and must be a number of milliseconds above 0, or Infinity (never).`

/** G7: a poisonous message must become a dead letter before it uses up what its supervisor allows. */
const redeliver: Check = (value, _, { restarts = Number.POSITIVE_INFINITY }) => {
  if (!isWhole(value, 0) || (value as number) > REDELIVER_MAX)
    return `is ${shown(value)}, and must be a whole number from 0 to ${REDELIVER_MAX}.`
  if (value === 0 || (value as number) < restarts) return undefined
  return `is ${value}, and must be below intensity.restarts of its supervisor, which is ${restarts}: one message would use all of it up (G7).`
}

const backoff: Check = (value) => {
  if (value === undefined) return undefined
  if (!isFields(value)) return `is ${shown(value)}, and must be { firstMs, maxMs }, with factor, jitter and quietMs if need be.`
  const { firstMs, maxMs, factor, jitter, quietMs, ...unknown } = value
  const faults = Object.keys(unknown).map(
    (key) => `.${key} is not a field of a backoff. It has firstMs, maxMs, factor, jitter and quietMs.`,
  )
  for (const [key, ms] of Object.entries({ firstMs, maxMs, quietMs })) {
    const fault = finiteMs(ms)
    if (fault !== undefined) faults.push(`.${key} ${fault}`)
  }
  if (!isWithin(factor, 1, Number.MAX_VALUE)) faults.push(`.factor is ${shown(factor)}, and must be a number from 1.`)
  if (!isWithin(jitter, 0, 1)) faults.push(`.jitter is ${shown(jitter)}, and must be a number from 0 to 1.`)
  if (faults.length === 0 && (firstMs as number) > (maxMs as number))
    faults.push(`.firstMs is ${firstMs}, which is more than maxMs (${maxMs}).`)
  return faults
}

const partitionBy: Check = (value, ...rest) => (value === undefined ? undefined : oneOf(PARTITION_BY)(value, ...rest))

/** What only a thread of its own has is refused, and not ignored. */
const isolate: Check = (value, spec, ...rest) => {
  if (value === undefined || value === 'thread') return undefined
  const fault = oneOf(ISOLATES)(value, spec, ...rest)
  if (fault !== undefined) return fault
  const meaningless = ['limits', 'hangAfterMs'].filter((field) => isThreadsOnly(field, spec[field]))
  return meaningless.length === 0
    ? undefined
    : `is 'inline', where ${meaningless.join(' and ')} cannot be enforced: nobody can look into its host's thread, or end it. Leave that out, or isolate.`
}

function isThreadsOnly(field: string, value: unknown): boolean {
  return field === 'limits' ? isFields(value) && Object.values(value).some(Number.isFinite) : Number.isFinite(value)
}

const limits: Check = (value) => limitFaults(value)
/** Checked by listFaults, one level down. */
const children: Check = () => undefined

const SUPERVISED = { name, restart: oneOf(RESTARTS), shutdownMs, significant, backoff }
const KINDS: ReadonlyMap<string, Readonly<Record<string, Check>>> = new Map(
  Object.entries({
    actor: { ...SUPERVISED, place, args, startMs: finiteMs, onThrow, hangAfterMs, redeliver, limits, isolate },
    supervisor: { ...SUPERVISED, strategy: oneOf(STRATEGIES), intensity, autoShutdown: oneOf(AUTO_SHUTDOWNS), children, partitionBy },
    'dynamic-supervisor': { ...SUPERVISED, intensity, per: oneOf(['supervisor', 'child']), maxChildren },
  }),
)

/** A supervisor whose own autoShutdown is wrong must not blame its children for it. */
function underOf(spec: Fields, path: string): Under {
  const known = AUTO_SHUTDOWNS.find((value) => value === spec['autoShutdown'])
  const restarts = isFields(spec['intensity']) ? spec['intensity']['restarts'] : undefined
  const under = { path, autoShutdown: known ?? 'any-significant', dynamic: false }
  return isWhole(restarts, 0) ? { ...under, restarts: restarts as number } : under
}

function pathOf(spec: unknown, parent: string, index: number): string {
  return childPath(parent, isNamed(spec) ? spec.name : `children[${index}]`)
}

function isNamed(spec: unknown): spec is { readonly name: string } {
  return isFields(spec) && name(spec['name'], spec, ROOT) === undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most
}
