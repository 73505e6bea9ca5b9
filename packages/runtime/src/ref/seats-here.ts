const seats = new WeakMap<SharedArrayBuffer, Set<number>>()

/**
 * The seats whose actors run in this very thread, of the system with that memory (`isolate: 'inline'`). Whoever blocks this
 * thread until one of them answers would wait for ever.
 */
export function seatsHere(memory: SharedArrayBuffer): Set<number> {
  let here = seats.get(memory)
  if (here === undefined) seats.set(memory, (here = new Set()))
  return here
}
