import { setTimeout as sleep } from 'node:timers/promises'
import type { IndexService } from './index-service.ts'

export const KILL_EVERY_MS = 250
/** Not less than these, however quick the indexing is. */
const KILLS_MIN = 20
const QUOTAS: Readonly<Record<string, number>> = { shard: 5, coordinator: 2 }
/** Each kill of a shard throws a quarter of the index away, so under unending kills a large folder would never be done: three rounds. */
const KILLS_MAX = 27
const SEARCH_EVERY_MS = 500

/** What the kills hit, as the system's own events tell it: a kill of somebody who was just being restarted is no kill. */
export interface Casualties {
  readonly byKind: Record<string, number>
  kills: number
  /** How many of the kills found the index complete. One of a shard opens it again. */
  whileComplete: number
  readonly searches: { whole: number; partial: number; failed: number }
  /** Why searches failed, each reason once. */
  readonly failures: Set<string>
}

/**
 * Kills an actor every 250 ms while the folder is being indexed. Nothing is slowed down for that. The order is random, but in
 * rounds: each actor once before any is hit again, so that nobody is spared by luck. Ends when the quotas are met and the
 * index is complete, or after KILLS_MAX.
 */
export async function killAtRandom(service: IndexService, query: string, signal: AbortSignal, casualties: Casualties): Promise<void> {
  const kindOf = new Map(service.actors.map(({ kind, ref }) => [ref.path, kind]))
  const stopCounting = service.system.events.on('exited', ({ path, reason }) => {
    const kind = kindOf.get(path)
    if (reason.kind !== 'killed' || kind === undefined) return
    casualties.kills++
    casualties.byKind[kind] = (casualties.byKind[kind] ?? 0) + 1
  })
  const stopSearching = searchMeanwhile(service, query, casualties)
  try {
    for (let round = shuffled(service.actors); !isEnough(casualties, service.isComplete) && !signal.aborted; ) {
      await sleep(KILL_EVERY_MS, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      if (service.isComplete) casualties.whileComplete++
      await service.system.kill(round.pop()!.ref)
      if (round.length === 0) round = shuffled(service.actors)
    }
  } finally {
    stopCounting()
    await stopSearching()
  }
}

export function noCasualties(): Casualties {
  return { byKind: {}, kills: 0, whileComplete: 0, searches: { whole: 0, partial: 0, failed: 0 }, failures: new Set() }
}

export function isEnough({ kills, byKind }: Pick<Casualties, 'kills' | 'byKind'>, isComplete: boolean): boolean {
  const quotasMet = kills >= KILLS_MIN && Object.entries(QUOTAS).every(([kind, count]) => (byKind[kind] ?? 0) >= count)
  return quotasMet && (isComplete || kills >= KILLS_MAX)
}

/** Somebody uses the service while it is being shot at. */
function searchMeanwhile(service: IndexService, query: string, { searches, failures }: Casualties): () => Promise<void> {
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = service.search(query).then(
      ({ missing }) => void (missing.length === 0 ? searches.whole++ : searches.partial++),
      (error: Error) => {
        searches.failed++
        failures.add(error.message)
      },
    )
  }, SEARCH_EVERY_MS)
  return async () => {
    clearInterval(timer)
    await running
  }
}

/** Fisher and Yates. */
export function shuffled<T>(items: readonly T[], random: () => number = Math.random): T[] {
  const copy = [...items]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy
}
