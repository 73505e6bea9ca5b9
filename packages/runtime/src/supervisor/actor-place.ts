import { shown } from '../base/shown.ts'
import { rememberClass } from './loaded-classes.ts'

/** Where an isolate finds an actor's class. */
export interface ActorPlace {
  /** A `file:` URL. */
  readonly module: string
  /** The name under which that module exports the class. */
  readonly exportName: string
  /** The system's host has it loaded: its inline isolates use that. */
  readonly isLoaded?: boolean
}

/** The place that a class names, and what is wrong with it. The module is made a `file:` URL (`__filename` is a path). */
export function placeOf(actor: unknown): { readonly place: ActorPlace; readonly faults: readonly string[] } {
  const named = (typeof actor === 'function' || (typeof actor === 'object' && actor !== null) ? actor : {}) as Partial<
    ActorPlace & { name: string }
  >
  const madeOf = named === actor ? instanceOf(named) : undefined
  const place = { module: moduleUrl(named.module) ?? String(named.module), exportName: named.name || madeOf || 'default' }
  if (actor instanceof Promise)
    return {
      place,
      faults: ['the first argument is a Promise. Await it, and pass a class of the module; or do not load it: actorsIn(new URL(…)).'],
    }
  if (madeOf !== undefined)
    return {
      place,
      faults: [`this is an instance, made with new. Pass the class ${madeOf}, and what its constructor gets as { args: [ … ] }.`],
    }
  // A class without a name is one all the same, and is told so.
  if (named !== actor || (typeof actor === 'object' && named.module === undefined && named.name === undefined))
    return { place, faults: [`the first argument is ${shown(actor)}, and must be an actor class, or what actorsIn(…) gives.`] }
  if (typeof actor === 'function') rememberClass(place, actor)
  return { place, faults: [...exportFaults(named.name), ...moduleFaults(named, named.name || 'the class')] }
}

/** The name of the class that an object was made of, when it is no description of a place. */
function instanceOf(actor: object): string | undefined {
  if (typeof actor === 'function' || Object.hasOwn(actor, 'module')) return undefined
  const madeBy: unknown = actor.constructor
  return typeof madeBy === 'function' && madeBy !== Object ? madeBy.name : undefined
}

function exportFaults(name: unknown): string[] {
  if (typeof name === 'string' && name !== '') return []
  return ['the class has no name, so an isolate cannot find its export. Write: export class Counter extends Actor { … }']
}

function moduleFaults(actor: { readonly module?: unknown }, name: string): string[] {
  const cure = `Write in ${name} itself: static readonly module = import.meta.url (CommonJS: __filename).`
  if (actor.module === undefined) return [`${name} does not say where an isolate finds it. ${cure}`]
  // An inherited place is the file of the parent class, and an isolate would run the parent without a word.
  if (!Object.hasOwn(actor, 'module')) return [`${name} inherits its module from another class, which is that class's file. ${cure}`]
  return moduleUrl(actor.module) === undefined
    ? [`${name}.module is ${JSON.stringify(actor.module)}, and must be a file: URL or an absolute path. ${cure}`]
    : []
}

/** The `file:` URL of a module given as such a URL or as an absolute path of either kind; undefined for all else. */
export function moduleUrl(module: unknown): string | undefined {
  if (typeof module !== 'string') return undefined
  if (module.startsWith('file:')) return URL.canParse(module) ? new URL(module).href : undefined
  if (/^[A-Za-z]:[\\/]/.test(module)) return new URL(`file:///${escapePath(module.replaceAll('\\', '/'))}`).href
  if (module.startsWith('\\\\')) return new URL(`file:${escapePath(module.replaceAll('\\', '/'))}`).href
  return module.startsWith('/') ? new URL(`file://${escapePath(module)}`).href : undefined
}

/** What a path may contain and the URL parser would take for something else. */
function escapePath(path: string): string {
  return path.replace(/[%\\?#\n\r\t]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
