import { parentPath, USER_PATH } from '../base/address.ts'
import {
  ActorLimitError,
  ActorStoppedError,
  NameTakenError,
  StartFailedError,
  SupervisorError,
  SystemStoppedError,
} from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { ChildSpec } from '../supervisor/child-spec.ts'
import type { RequestResult } from '../supervisor/decision-shapes.ts'

export function spawnError(result: Exclude<RequestResult, { ok: true }>, path: string, system: string): unknown {
  if (result.why === 'startFailed') return asError(result.reason, path)
  if (result.why === 'supervisorStopped') return new SystemStoppedError(system, `spawn ${path}`)
  if (result.why === 'maxChildren') return new SupervisorError('maxChildren', parentPath(path))
  return new NameTakenError(path)
}

/** Somebody may have ended /user while the system goes on (`isUp`). */
export function noParent(system: string, { name, place }: ChildSpec, isUp: boolean): Error {
  return isUp ? new SupervisorError('noSupervisor', USER_PATH) : new SystemStoppedError(system, `spawn ${name ?? place.exportName}`)
}

/** A supervisor rejects with an exit reason; callers get an error that says the same. */
export function asError(reason: unknown, path: string): unknown {
  if (reason instanceof Error) return reason
  const exit = reason as ExitReason
  if (exit.kind !== 'startFailed') return new ActorStoppedError(path, exit)
  if (!(exit.error instanceof StartFailedError)) return new StartFailedError(path, exit.stage, exit.error)
  // Nothing was tried: this is no failure of the actor.
  return exit.error.cause instanceof ActorLimitError ? exit.error.cause : exit.error
}
