// The 28 programs of the paper, in its order, and the two that its authors have added since: run here, or why not yet.
// Shams Imam, Vivek Sarkar: Savina - An Actor Benchmark Suite. AGERE! 2014. Sizes are the defaults of the authors' own programs.
import type { Program } from './program.ts'
import { program as aStar } from './programs/a-star.ts'
import { program as bankTransaction } from './programs/bank-transaction.ts'
import { program as big } from './programs/big.ts'
import { program as boundedBuffer } from './programs/bounded-buffer.ts'
import { program as chameneos } from './programs/chameneos.ts'
import { program as cigaretteSmokers } from './programs/cigarette-smokers.ts'
import { program as concurrentDictionary } from './programs/concurrent-dictionary.ts'
import { program as counting } from './programs/counting.ts'
import { program as diningPhilosophers } from './programs/dining-philosophers.ts'
import { program as facilityLocation } from './programs/facility-location.ts'
import { program as fibonacci } from './programs/fibonacci.ts'
import { program as filterBank } from './programs/filter-bank.ts'
import { program as forkJoinCreation } from './programs/fork-join-creation.ts'
import { program as forkJoinThroughput } from './programs/fork-join-throughput.ts'
import { program as logisticMap } from './programs/logistic-map.ts'
import { program as matrixMultiplication } from './programs/matrix-multiplication.ts'
import { program as nQueens } from './programs/n-queens.ts'
import { program as overRelaxation } from './programs/over-relaxation.ts'
import { program as pingPong } from './programs/ping-pong.ts'
import { program as precisePi } from './programs/precise-pi.ts'
import { program as quicksort } from './programs/quicksort.ts'
import { program as radixSort } from './programs/radix-sort.ts'
import { program as shortestPaths } from './programs/shortest-paths.ts'
import { program as sieve } from './programs/sieve.ts'
import { program as sleepingBarber } from './programs/sleeping-barber.ts'
import { program as sortedList } from './programs/sorted-list.ts'
import { program as threadRing } from './programs/thread-ring.ts'
import { program as trapezoid } from './programs/trapezoid.ts'

/** A program that is not run, and why. */
export interface Waiting {
  readonly name: string
  readonly paper: string
  readonly waitsFor: string
}

export type Entry = Program | Waiting

export const PAPER: readonly Entry[] = [
  pingPong,
  counting,
  forkJoinThroughput,
  forkJoinCreation,
  threadRing,
  chameneos,
  big,
  concurrentDictionary,
  sortedList,
  boundedBuffer,
  diningPhilosophers,
  sleepingBarber,
  cigaretteSmokers,
  logisticMap,
  bankTransaction,
  radixSort,
  filterBank,
  sieve,
  {
    name: 'Unbalanced Cobwebbed Tree',
    paper: '200,000 actors, each with up to 10 children',
    waitsFor: 'light actors: the shape of a tree of many thousand actors is all that it is about',
  },
  facilityLocation,
  trapezoid,
  precisePi,
  matrixMultiplication,
  quicksort,
  shortestPaths,
  overRelaxation,
  aStar,
  nQueens,
]

/** In the authors' collection, not in the paper. */
export const ADDED: readonly Entry[] = [
  fibonacci,
  {
    name: 'Bitonic Sort',
    paper: '4,096 values through a network of thousands of actors',
    waitsFor: 'light actors: each comparator of the network is an actor',
  },
]

export const SUITE: readonly Entry[] = [...PAPER, ...ADDED]

export function isRun(entry: Entry): entry is Program {
  return 'run' in entry
}
