import type { ActorPlace } from './actor-place.ts'

const classes = new Map<string, unknown>()
let isHost = false

/** A class that this thread has named in a spec, by its place: an inline isolate in this thread uses it, and loads nothing. */
export function rememberClass(place: ActorPlace, actorClass: unknown): void {
  classes.set(keyOf(place), actorClass)
}

/** Undefined: this thread knows only where it is. */
export function loadedClass(place: ActorPlace): unknown {
  return classes.get(keyOf(place))
}

/** From here on this thread is the host of a system: what it has loaded, its inline isolates have. */
export function becomeHost(): void {
  isHost = true
}

/** The place as others are told of it. */
export function toldPlace({ module, exportName }: ActorPlace): ActorPlace {
  const place = { module, exportName }
  return isHost && classes.has(keyOf(place)) ? { ...place, isLoaded: true } : place
}

function keyOf({ module, exportName }: ActorPlace): string {
  return `${module}\n${exportName}`
}
