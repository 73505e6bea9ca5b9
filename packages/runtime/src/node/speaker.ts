import type { FromIsolate } from '../isolate/isolate.ts'
import { charsOf, type Said } from '../isolate/said.ts'
import type { Arena } from '../queue/arena.ts'
import { SAID_MAX, SaidCredit, takeUnsaid } from '../queue/said.ts'

/**
 * The isolate's way to say things to its host: posted at once, so that nothing is lost when it ends right after, and no more
 * than the host keeps up with.
 */
export function speaker(arena: Arena, seat: number, post: (notice: FromIsolate) => void): (said: Said) => void {
  const credit = new SaidCredit(arena, seat)
  return (whole) => {
    const said = withinRoom(whole)
    if (!credit.take(charsOf(said), linesOf(said))) return
    const lines = takeUnsaid(arena, seat)
    if (lines > 0) post({ type: 'said', said: { is: 'cut', lines } })
    post({ type: 'said', said: said.is === 'log' ? { ...said, timeMs: Date.now() } : said })
  }
}

/** A single text of megabytes is cut at its end. */
function withinRoom(said: Said): Said {
  if (charsOf(said) <= SAID_MAX) return said
  if (said.is === 'output') return { ...said, text: `${said.text.slice(0, SAID_MAX - 64)}… (${said.text.length} characters)\n` }
  return said.is === 'log' ? { ...said, message: said.message.slice(0, SAID_MAX / 2), fields: undefined } : said
}

function linesOf(said: Said): number {
  return said.is === 'output' ? Math.max(1, said.text.split('\n').length - 1) : 1
}
