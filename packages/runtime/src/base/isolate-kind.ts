import { InvalidArgumentError } from './errors.ts'
import { shown } from './shown.ts'

/** Where an actor runs: in a thread of its own, or in its host's thread, which is for tests and debuggers. */
export const ISOLATES = ['thread', 'inline'] as const
export type IsolateKind = (typeof ISOLATES)[number]

export function checkIsolate(value: IsolateKind | undefined): IsolateKind {
  if (value === undefined || ISOLATES.includes(value)) return value ?? 'thread'
  throw new InvalidArgumentError(`isolate must be 'thread' or 'inline', and is ${shown(value)}.`)
}
