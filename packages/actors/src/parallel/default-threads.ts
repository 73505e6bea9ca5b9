import { availableCores } from '@troupe/runtime'

/** How many isolates work at a time, unless somebody says otherwise. */
export function defaultThreads(): number {
  // Looking it up takes longer than ten small items.
  return (threads ??= threadsFor(availableCores()))
}

let threads: number | undefined

/** For a quota of one and a half two: with one, half a processor would be left. */
export function threadsFor(cores: number): number {
  return Math.max(1, Math.ceil(cores))
}
