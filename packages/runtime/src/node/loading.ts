import { InvalidArgumentError } from '../base/errors.ts'

let moduleLoading: string | undefined

/** Imports an actor's module. `source`: the URL that its author knows. */
export async function importActor(url: string, source: string): Promise<Readonly<Record<string, unknown>>> {
  moduleLoading = source
  try {
    return (await import(url)) as Record<string, unknown>
  } finally {
    moduleLoading = undefined
  }
}

/** A module that starts a system at its top level would start one in every isolate that loads it, and so on. */
export function refuseWhileLoading(): void {
  if (moduleLoading === undefined) return
  throw new InvalidArgumentError(
    `${moduleLoading} starts a system, and an isolate is just loading it to find its actor. Move the actor class to a module of its own, which starts nothing.`,
  )
}
