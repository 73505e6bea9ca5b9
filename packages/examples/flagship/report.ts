import type { TreeNode } from '@troupe/runtime'
import type { Casualties } from './chaos.ts'
import type { IndexService, IndexSummary, SearchHit, SearchResult, SkipGroup } from './index-service.ts'
import { megabytes, printable } from './progress-bar.ts'

/** The best hits of a search, each in two lines. On a terminal the words of the query are bold. */
export function hitLines({ query, hits, missing, tookMs }: SearchResult, isTerminal: boolean): string[] {
  const head =
    hits.length === 0 ? `nothing found for "${printable(query)}"` : `the best ${hits.length} for "${printable(query)}" (${tookMs} ms):`
  const late = missing.map(({ path, reason }) => `  without ${path}: ${reason}`)
  return ['', head, ...late, ...hits.flatMap((hit, i) => hitPair(hit, i + 1, isTerminal))]
}

function hitPair({ path, score, snippet, excerpt }: SearchHit, rank: number, isTerminal: boolean): string[] {
  const place = `${printable(path)}${excerpt === undefined ? '' : `:${excerpt.line}`}`
  const text = excerpt === undefined ? printable(snippet) : marked(excerpt.text, excerpt.marks, isTerminal)
  return [`${String(rank).padStart(3)}. ${place}  (${score.toFixed(2)})`, `     ${text}`]
}

function marked(text: string, marks: readonly (readonly [number, number])[], isTerminal: boolean): string {
  let shown = ''
  let end = 0
  for (const [from, to] of isTerminal ? marks : []) {
    shown += `${printable(text.slice(end, from))}\x1b[1m${printable(text.slice(from, to))}\x1b[22m`
    end = to
  }
  return shown + printable(text.slice(end))
}

/** One line per reason, and a line for each of the first few. */
export function skipLines(groups: readonly SkipGroup[]): string[] {
  return groups.flatMap(({ why, count, examples }) => [
    `skipped, ${why}: ${count}`,
    ...examples.map(({ path, detail }) => `  ${printable(path)} (${detail})`),
    ...(count > examples.length ? [`  and ${count - examples.length} more`] : []),
  ])
}

export async function summaryLine(service: IndexService, { documents, bytes, checksum }: IndexSummary): Promise<string> {
  const isolates = actorsIn(await service.tree())
  const facts = [
    `${documents} files`,
    megabytes(bytes),
    `${service.seconds.toFixed(1)} s`,
    `${isolates} isolates`,
    `${service.restarts} restarts`,
  ]
  return `indexed ${facts.join(', ')}, checksum ${checksum}`
}

export function actorsIn(node: TreeNode): number {
  return (node.kind === 'actor' ? 1 : 0) + node.children.reduce((sum, child) => sum + actorsIn(child), 0)
}

export function casualtyLines({ kills, byKind, whileComplete, searches, failures }: Casualties): string[] {
  const hit = Object.entries(byKind).map(([kind, count]) => `${kind} ${count}`)
  const { whole, partial, failed } = searches
  return [
    `${kills} kills: ${hit.join(', ')} (${whileComplete} of them while the index happened to be complete)`,
    `searches meanwhile: ${whole} answered by all shards, ${partial} by some, ${failed} failed`,
    ...[...failures].map((text) => `  ${text}`),
  ]
}

/** Whether an index that was shot at is the index that was not. */
export function comparisonLines(chaos: IndexSummary, calm: IndexSummary): string[] {
  const isEqual = chaos.documents === calm.documents && chaos.checksum === calm.checksum
  return [
    `with kills:    ${chaos.documents} documents, checksum ${chaos.checksum}`,
    `without kills: ${calm.documents} documents, checksum ${calm.checksum}`,
    isEqual ? 'equal' : 'NOT EQUAL: a document was lost or doubled, or a file of the folder has changed meanwhile',
  ]
}
