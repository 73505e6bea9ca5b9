/** A file as the index takes it: what it is called, how it begins, and how often it says what. */
export interface Tokenized {
  readonly title: string
  readonly snippet: string
  /** Sorted; `counts[i]` belongs to `terms[i]`. At most TERMS_MAX: the most frequent ones, then by the alphabet. */
  readonly terms: readonly string[]
  readonly counts: readonly number[]
  /** All terms of the text, before the cut: BM25 needs it. */
  readonly length: number
}

/** Terms kept of one document. A minified bundle has tens of thousands, and nobody searches for most of them. */
export const TERMS_MAX = 1_000
const TERM_LENGTH_MAX = 40
const TITLE_LENGTH_MAX = 100
const SNIPPET_LENGTH_MAX = 200
/** Title and snippet come from the start of a file only: a minified file is one line of megabytes. */
const HEAD_LENGTH = 4_000

const WORD = /[\p{L}\p{N}_]+/gu
// foo|Bar, HTTP|Server, and both sides of an underscore. Digits stay with what they follow: utf8, es2024.
const SEAM = /_+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u
const HAS_SEAM = /_|[\p{Ll}\p{N}]\p{Lu}|\p{Lu}\p{Lu}\p{Ll}/u

const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an and are as at be been but by can do does for from had has have if in into is it its no not of on or our so such than that the their them then
  there these they this those to too was we were what when where which who why will with would you your`.split(/\s+/),
)

export function tokenize(path: string, text: string): Tokenized {
  const all = countTerms(text)
  let length = 0
  for (const count of all.values()) length += count
  const kept = [...all].sort(byCountThenTerm).slice(0, TERMS_MAX).sort(byTerm)
  const lines = readableLines(text.slice(0, HEAD_LENGTH))
  return {
    title: titleOf(path, lines),
    snippet: cut(lines.join(' '), SNIPPET_LENGTH_MAX),
    terms: kept.map(([term]) => term),
    counts: kept.map(([, count]) => count),
    length,
  }
}

/** The terms of a query, each once, in the order of the query: cut the way documents are. */
export function queryTerms(query: string): string[] {
  return [...countTerms(query.slice(0, HEAD_LENGTH)).keys()]
}

/** `parseHTTPResponse` counts as itself, so that a search for the exact name finds it, and as its three words. */
function countTerms(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  const termsOf = new Map<string, readonly string[]>()
  for (const word of text.match(WORD) ?? []) {
    let terms = termsOf.get(word)
    // A text repeats its words, and splitting one is the dear part.
    if (terms === undefined) termsOf.set(word, (terms = termsOfWord(word)))
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  }
  return counts
}

function termsOfWord(word: string): readonly string[] {
  if (!HAS_SEAM.test(word)) return isTerm(word.toLowerCase()) ? [word.toLowerCase()] : []
  const parts = word.split(SEAM).filter((part) => part !== '')
  const terms = new Set([...parts, parts.join('')].map((part) => part.toLowerCase()))
  return [...terms].filter(isTerm)
}

function isTerm(term: string): boolean {
  return term.length > 1 && term.length <= TERM_LENGTH_MAX && !STOP_WORDS.has(term)
}

function byCountThenTerm(a: readonly [string, number], b: readonly [string, number]): number {
  return b[1] - a[1] || byTerm(a, b)
}

function byTerm(a: readonly [string, number], b: readonly [string, number]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}

/** Lines that say something, without the signs of comments, headings and tags around them. */
function readableLines(head: string): string[] {
  return head
    .replace(/<!--[\s\S]*?-->|<[^>\n]{1,300}>|!?\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^[\s/*#>=|`~-]+|[\s*/=|`~-]+$/g, '').replace(/\s+/g, ' '))
    .filter((line) => /[\p{L}\p{N}]/u.test(line))
}

function titleOf(path: string, lines: readonly string[]): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const first = lines[0]
  return first !== undefined && /\.(md|markdown|txt|rst)$/i.test(name) ? cut(first, TITLE_LENGTH_MAX) : name
}

/** Never cuts between the two halves of a character outside the basic plane. */
export function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text
  const end = /[\uD800-\uDBFF]/.test(text[lengthMax - 2] ?? '') ? lengthMax - 2 : lengthMax - 1
  return `${text.slice(0, end)}…`
}
