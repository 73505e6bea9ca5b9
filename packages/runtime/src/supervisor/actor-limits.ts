import { didYouMean } from '../base/nearest-name.ts'
import { shown } from '../base/shown.ts'

/** How much memory an actor's isolate may use, in MiB (ref/ref-types.ts says what that means). Infinity: not limited. */
export interface ActorLimits {
  readonly heapMb: number
  readonly externalMb: number
}

export const UNLIMITED: ActorLimits = { heapMb: Number.POSITIVE_INFINITY, externalMb: Number.POSITIVE_INFINITY }
/** Below this an isolate would not even start. */
const HEAP_MB_MIN = 16
export const MIB = 1024 * 1024

/** Each part that is wrong, as `.heapMb is …`. */
export function limitFaults(limits: unknown): readonly string[] {
  if (typeof limits !== 'object' || limits === null) return [`is ${shown(limits)}, and must be { heapMb, externalMb }.`]
  const { heapMb, externalMb, ...unknown } = limits as Record<string, unknown>
  const faults = Object.keys(unknown).map(
    (key) => `.${key} is no limit.${didYouMean(key, Object.keys(UNLIMITED)) || ' There are heapMb and externalMb.'}`,
  )
  if (!isAtLeast(heapMb, HEAP_MB_MIN))
    faults.push(`.heapMb is ${shown(heapMb)}, and must be a number of MiB from ${HEAP_MB_MIN}, or Infinity.`)
  if (!isAtLeast(externalMb, 1)) faults.push(`.externalMb is ${shown(externalMb)}, and must be a number of MiB from 1, or Infinity.`)
  return faults
}

function isAtLeast(value: unknown, least: number): boolean {
  return typeof value === 'number' && value >= least
}

/** What an actor may use in all, as far as that is limited. */
export function limitedMb({ heapMb, externalMb }: ActorLimits): number {
  return [heapMb, externalMb].filter(Number.isFinite).reduce((sum, mb) => sum + mb, 0)
}
