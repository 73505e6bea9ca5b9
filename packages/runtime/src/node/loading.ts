import { InvalidArgumentError } from '../base/errors.ts'

let moduleLoading: string | undefined

/** Says that this isolate is loading its actor's module now; undefined: not any more. */
export function setModuleLoading(url: string | undefined): void {
  moduleLoading = url
}

/** A module that starts a system at its top level would start one in every isolate that loads it, and so on. */
export function refuseWhileLoading(): void {
  if (moduleLoading === undefined) return
  throw new InvalidArgumentError(
    `${moduleLoading} starts a system, and an isolate is just loading it to find its actor. Move the actor class to a module of its own, which starts nothing.`,
  )
}
