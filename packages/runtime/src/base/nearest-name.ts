/** Of a name that is wrong: more nobody would have meant. */
const LENGTH_MAX = 64

/** ` Did you mean 'restart'?`, or nothing when no known name is near enough to be what was meant. */
export function didYouMean(wrong: string, known: readonly string[]): string {
  const nearest = nearestName(wrong, known, (name) => Math.max(2, Math.floor(name.length / 3)))
  return nearest === undefined ? '' : ` Did you mean '${nearest}'?`
}

/** Capitals do not count. `editsMax`: how far from that name it may be. */
export function nearestName(wrong: string, known: readonly string[], editsMax: (name: string) => number): string | undefined {
  const length = Math.min(wrong.length, LENGTH_MAX)
  const [nearest] = known
    // Whatever is longer or shorter by so much is as far away. An actor's names are looked at whenever it starts.
    .filter((name) => Math.abs(name.length - length) <= editsMax(name))
    .map((name) => ({ name, edits: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= editsMax(name))
    .sort((a, b) => a.edits - b.edits)
  return nearest?.name
}

/** Levenshtein's distance, one row at a time. No message waits for it, so it may take its time. */
function editDistance(from: string, to: string): number {
  const wrong = from.slice(0, LENGTH_MAX)
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= wrong.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const swap = row[j - 1]! + (wrong[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}
