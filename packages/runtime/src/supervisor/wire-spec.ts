import { childPath } from '../base/address.ts'
import { InvalidSpecError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import type { Codec } from '../codec/codec.ts'
import type { AnySpec, ChildSpec } from './child-spec.ts'
import { child, INTENSITY, isOptions } from './child-spec.ts'
import { toldPlace } from './loaded-classes.ts'
import { spawnFaults } from './spec-faults.ts'

/**
 * Specs between threads are the same plain data, with one difference: `args` holds the encoded arguments, and behind them the
 * shared memory that belongs to them. The control side keeps them so, for restarts, and never decodes them.
 */
export function encodeSpec(codec: Codec, spec: AnySpec, path = '/'): AnySpec {
  const here = childPath(path, spec.name)
  if (spec.kind === 'supervisor') return { ...spec, children: spec.children.map((inner) => encodeSpec(codec, inner, here)) }
  return spec.kind === 'actor' ? { ...spec, place: toldPlace(spec.place), args: encodeArgs(codec, spec, here) } : spec
}

/** A spec as its author wrote it. What was let go of a temporary child is not there any more. */
export function decodeSpec(codec: Codec, spec: AnySpec): AnySpec {
  if (spec.kind === 'supervisor') return { ...spec, children: spec.children.map((inner) => decodeSpec(codec, inner)) }
  if (spec.kind !== 'actor') return spec
  const { module, exportName } = spec.place
  const place = { module, exportName }
  if (spec.args.length === 0) return { ...spec, place }
  const bytes = encodedArgs(spec)
  return { ...spec, place, args: codec.decode(bytes, 0, bytes.length, undefined, besideArgs(spec)) as unknown[] }
}

/**
 * The spec of `spawn(Class, options)`, where the name may be left out. Transient by default, unlike a static child: who
 * ends itself with `context.stop()` means it. Throws InvalidSpecError with all that is wrong with it, before anything is sent.
 */
export function spawnSpec(codec: Codec, parent: string, actor: unknown, options: unknown): ChildSpec {
  const given = options === undefined || isOptions(options) ? { restart: 'transient', ...options } : options
  const spec: ChildSpec = child(actor as never, given as never)
  const call = `spawn(${typeof actor === 'function' || typeof actor === 'object' ? spec.place.exportName : shown(actor)}, …)`
  throwIfAny(spawnFaults(spec, call, { path: parent, autoShutdown: 'never', dynamic: true, restarts: INTENSITY.restarts }))
  const path = spec.name === undefined ? undefined : childPath(parent, spec.name)
  return { ...spec, place: toldPlace(spec.place), args: encodeArgs(codec, spec, path) }
}

/** The class and the arguments of `upgrade(ref, Class, options)`: undefined where they stay what they are. */
export function encodeVersion(
  codec: Codec,
  path: string,
  actor: unknown,
  options: unknown,
): { place: unknown; args: readonly unknown[] | undefined } {
  if (actor === undefined) return { place: undefined, args: undefined }
  const spec = child(actor as never, { name: 'upgraded', ...(options as object) } as never) as ChildSpec
  throwIfAny((spec.faults ?? []).map((fault) => `upgrade(ref, ${spec.place.exportName}, …): ${fault}`))
  const isGiven = (options as { readonly args?: unknown } | undefined)?.args !== undefined
  return { place: toldPlace(spec.place), args: isGiven ? encodeArgs(codec, spec, path) : undefined }
}

export function encodedArgs(spec: Pick<ChildSpec, 'args'>): Uint8Array {
  return spec.args[0] as Uint8Array
}

/** What is frozen or shared among the arguments. */
export function besideArgs(spec: Pick<ChildSpec, 'args'>): readonly unknown[] {
  return spec.args.slice(1)
}

/** `path`: where it will live, if that is known. */
function encodeArgs(codec: Codec, { args, place }: ChildSpec, path: string | undefined): readonly unknown[] {
  const call = `new ${place.exportName}(…)${path === undefined ? '' : ` for ${path}`}`
  if (!Array.isArray(args)) throw new InvalidSpecError([`${call}: args must be an array: args: [ … ].`])
  const { bytes, beside } = codec.encodeConstructorArgs(args, call)
  return [bytes, ...beside]
}

function throwIfAny(faults: readonly string[]): void {
  if (faults.length > 0) throw new InvalidSpecError(faults)
}
