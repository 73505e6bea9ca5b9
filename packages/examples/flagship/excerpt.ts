import { queryTerms } from './tokenize.ts'

/** The line of a text that answers a query best. */
export interface Excerpt {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
  /** Where the words of the query are in `text`: pairs of start and end. */
  readonly marks: readonly (readonly [start: number, end: number])[]
}

const LENGTH_MAX = 220
/** A minified file is one line of megabytes; what lies behind is not looked at. */
const TEXT_LENGTH_MAX = 1024 * 1024
const LINE_LENGTH_MAX = 2_000
const WORD = /[\p{L}\p{N}_]+/gu

/** The first of the lines that have most of the terms; nothing when no line has any. */
export function excerptOf(text: string, terms: readonly string[]): Excerpt | undefined {
  const wanted = new Set(terms)
  const needles = terms.map((term) => term.toLowerCase())
  let best: { line: number; text: string; found: number } | undefined
  for (const [i, line] of text.slice(0, TEXT_LENGTH_MAX).split('\n').entries()) {
    const shown = line.slice(0, LINE_LENGTH_MAX)
    const lower = shown.toLowerCase()
    // Most lines have none of the words: the cheap look first.
    if (!needles.some((needle) => lower.includes(needle))) continue
    const found = new Set(marksIn(shown, wanted).flatMap((mark) => mark.terms)).size
    if (found > (best?.found ?? 0)) best = { line: i + 1, text: shown, found }
    if (found === wanted.size) break
  }
  return best === undefined ? undefined : shorten(best.line, best.text, wanted)
}

function marksIn(line: string, wanted: ReadonlySet<string>): { start: number; end: number; terms: string[] }[] {
  const marks: { start: number; end: number; terms: string[] }[] = []
  for (const match of line.matchAll(WORD)) {
    const terms = queryTerms(match[0]).filter((term) => wanted.has(term))
    if (terms.length > 0) marks.push({ start: match.index, end: match.index + match[0].length, terms })
  }
  return marks
}

/** A window around the first match. */
function shorten(line: number, whole: string, wanted: ReadonlySet<string>): Excerpt {
  const first = marksIn(whole, wanted)[0]?.start ?? 0
  const from = whole.trimEnd().length <= LENGTH_MAX ? 0 : Math.max(0, Math.min(first - 60, whole.length - LENGTH_MAX))
  const text = `${from > 0 ? '…' : ''}${whole.slice(from, from + LENGTH_MAX).trim()}${from + LENGTH_MAX < whole.length ? '…' : ''}`
  return { line, text, marks: marksIn(text, wanted).map(({ start, end }) => [start, end] as const) }
}
