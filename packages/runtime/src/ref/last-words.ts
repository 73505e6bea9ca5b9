import { RemoteError } from '../base/errors.ts'
import { describeError, type ExitReason } from '../base/exit-reason.ts'
import type { Arena } from '../queue/arena.ts'
import { TEXT_BYTES_MAX } from '../queue/layout.ts'
import { readLastWords, writeLastWords } from '../queue/seat-text.ts'

/** How much of each text inside a reason is kept: less and less, until all of it fits. */
const CHARS = [160, 80, 40, 0]

/**
 * Why an address has ended, for those who send to it later: any thread finds it in the seat, without asking anybody. Kind and
 * figures are whole; of an error the name and the message are left. For the control side, before the seat is closed.
 */
export function leaveLastWords(arena: Arena, seat: number, reason: ExitReason): void {
  const texts = CHARS.map((chars) => JSON.stringify(brief(reason, chars)))
  const fitting = texts.find((text) => new TextEncoder().encode(text).length <= TEXT_BYTES_MAX)
  writeLastWords(arena, seat, fitting ?? '{"kind":"unknown"}')
}

/** Undefined when that address has not ended, or so long ago that somebody else has its seat. */
export function lastWordsOf(
  arena: Arena,
  { seat, generation }: { readonly seat: number; readonly generation: number },
): ExitReason | undefined {
  const words = readLastWords(arena, seat, generation)
  try {
    return words === undefined ? undefined : revived(JSON.parse(words) as ExitReason)
  } catch {
    return undefined
  }
}

function brief(reason: ExitReason, chars: number): object {
  const kept: Record<string, unknown> = { ...reason }
  for (const [name, value] of Object.entries(kept)) if (typeof value === 'string' && name !== 'kind') kept[name] = value.slice(0, chars)
  if ('error' in reason) kept['error'] = describeError(reason.error).slice(0, chars)
  if ('reason' in reason) kept['reason'] = brief(reason.reason, chars)
  if ('frames' in reason) kept['frames'] = reason.frames.slice(0, 1).map((frame) => frame.slice(0, chars))
  return kept
}

function revived(reason: ExitReason): ExitReason {
  if ('reason' in reason) return { ...reason, reason: revived(reason.reason) }
  return 'error' in reason && typeof reason.error === 'string' ? { ...reason, error: errorOf(reason.error) } : reason
}

function errorOf(text: string): unknown {
  const [, name, message] = /^(\w+): (.*)$/s.exec(text) ?? []
  return name === undefined ? text : new RemoteError(name, message!, '', {})
}
