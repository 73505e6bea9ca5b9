import { NotSendableError, Queue } from '@troupe/runtime'

const FUNCTION = 'it is a function, which is gone when the call that brought it has ended. Keep plain data.'
const STREAM = 'it is a stream, which is gone when the call that brought it has ended. Keep what it gives.'

/**
 * For what an actor keeps of an ask's arguments, to give it to others: functions and streams come with an ask, and end with it, so every
 * later answer with one of them in it would be refused, to whoever asks.
 *
 * @throws {NotSendableError} with the place
 */
export function checkKeepable(value: unknown, place: string, call: string): void {
  const found = fleeting(value, new Set())
  if (found !== undefined) throw new NotSendableError(`${place}${found.path}`, found.why, call)
}

interface Fleeting {
  readonly path: string
  readonly why: string
}

/** Only what can have come as a copy is looked into: instances have codecs of their own, and what is frozen has no functions. */
function fleeting(value: unknown, seen: Set<object>): Fleeting | undefined {
  if (typeof value === 'function') return { path: '', why: FUNCTION }
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined
  if (Symbol.asyncIterator in value && !(value instanceof Queue)) return { path: '', why: STREAM }
  seen.add(value)
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype === Array.prototype) return firstOf((value as unknown[]).entries(), (i) => `[${i}]`, seen)
  if (prototype === Object.prototype || prototype === null) return firstOf(Object.entries(value), (key) => `.${key}`, seen)
  if (prototype === Set.prototype) return firstOf((value as Set<unknown>).entries(), () => '<member>', seen)
  if (prototype !== Map.prototype) return undefined
  const map = value as Map<unknown, unknown>
  return firstOf([...map.keys()].entries(), () => '<key>', seen) ?? firstOf(map, (key) => `<${String(key)}>`, seen)
}

function firstOf<K>(
  parts: Iterable<readonly [key: K, part: unknown]>,
  pathOf: (key: K) => string,
  seen: Set<object>,
): Fleeting | undefined {
  for (const [key, part] of parts) {
    const found = fleeting(part, seen)
    if (found !== undefined) return { path: `${pathOf(key)}${found.path}`, why: found.why }
  }
  return undefined
}
