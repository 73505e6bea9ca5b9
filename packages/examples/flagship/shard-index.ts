import { Checksum, type Hash64, hashText } from './checksum.ts'
import type { FoundFile } from './scan.ts'
import type { Tokenized } from './tokenize.ts'

/** What a reader made of one file. */
export type Document = FoundFile & Tokenized

export interface Hit {
  readonly id: string
  readonly path: string
  readonly title: string
  readonly snippet: string
  readonly bytes: number
  /** BM25: higher is better. Comparable between shards, because documents are spread over them by a hash. */
  readonly score: number
}

export interface ShardStats {
  readonly documents: number
  readonly terms: number
  readonly postings: number
  readonly bytes: number
}

/** The two constants of BM25 (Robertson and Zaragoza, 2009): how soon a repeated term stops counting, how much length does. */
const SATURATION = 1.2
const LENGTH_WEIGHT = 0.75

interface Held {
  readonly file: Omit<Hit, 'score'>
  readonly length: number
  readonly hash: Hash64
}

/** `counts[i]` belongs to `documents[i]`, which is a position in the list of documents. */
interface Postings {
  readonly documents: number[]
  readonly counts: number[]
}

/** An inverted index over some of the files. Adding what it has is no change, so that feeding it twice is harmless. */
export class ShardIndex {
  readonly #documents: Held[] = []
  readonly #position = new Map<string, number>()
  readonly #postings = new Map<string, Postings>()
  #lengths = 0
  #bytes = 0
  #count = 0

  /** False when the document was there. */
  add(document: Document): boolean {
    if (this.#position.has(document.id)) return false
    const { id, path, title, snippet, bytes, length } = document
    const position = this.#documents.push({ file: { id, path, title, snippet, bytes }, length, hash: hashText(id) }) - 1
    this.#position.set(id, position)
    for (const [i, term] of document.terms.entries()) this.#post(term, position, document.counts[i] ?? 0)
    this.#lengths += length
    this.#bytes += bytes
    this.#count += document.terms.length
    return true
  }

  #post(term: string, position: number, count: number): void {
    let postings = this.#postings.get(term)
    if (postings === undefined) this.#postings.set(term, (postings = { documents: [], counts: [] }))
    postings.documents.push(position)
    postings.counts.push(count)
  }

  has(id: string): boolean {
    return this.#position.has(id)
  }

  pathOf(id: string): string | undefined {
    const position = this.#position.get(id)
    return position === undefined ? undefined : this.#documents[position]?.file.path
  }

  /** The `limit` best documents for any of the terms, best first; equals are ordered by path. */
  search(terms: readonly string[], limit: number): Hit[] {
    const scores = new Map<number, number>()
    for (const term of new Set(terms)) this.#score(term, scores)
    const hits: Hit[] = []
    for (const [position, score] of scores) {
      const held = this.#documents[position]
      if (held !== undefined) hits.push({ ...held.file, score })
    }
    return bestHits([hits], limit)
  }

  #score(term: string, scores: Map<number, number>): void {
    const postings = this.#postings.get(term)
    if (postings === undefined) return
    const found = postings.documents.length
    const rarity = Math.log(1 + (this.#documents.length - found + 0.5) / (found + 0.5))
    const average = this.#lengths / this.#documents.length
    for (const [i, position] of postings.documents.entries()) {
      const count = postings.counts[i] ?? 0
      const norm = SATURATION * (1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * (this.#documents[position]?.length ?? 0)) / average)
      scores.set(position, (scores.get(position) ?? 0) + (rarity * count * (SATURATION + 1)) / (count + norm))
    }
  }

  stats(): ShardStats {
    return { documents: this.#documents.length, terms: this.#postings.size, postings: this.#count, bytes: this.#bytes }
  }

  /**
   * 16 hexadecimal digits over every posting that is really in here: computed from the inverted lists, not while adding, so
   * that it would show a list that went wrong. Does not depend on the order in which documents came.
   */
  checksum(): string {
    const sum = new Checksum()
    const present = hashText('')
    for (const { hash, length } of this.#documents) sum.add(present, hash, length)
    for (const [term, postings] of this.#postings) {
      const termHash = hashText(term)
      for (const [i, position] of postings.documents.entries()) {
        const held = this.#documents[position]
        if (held !== undefined) sum.add(termHash, held.hash, postings.counts[i] ?? 0)
      }
    }
    return sum.toString()
  }
}

/** What each shard found, as one list: best first, equals by path, no document twice. */
export function bestHits(lists: readonly (readonly Hit[])[], limit: number): Hit[] {
  const byId = new Map<string, Hit>()
  for (const hit of lists.flat()) if (!byId.has(hit.id)) byId.set(hit.id, hit)
  return [...byId.values()].sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1)).slice(0, limit)
}
