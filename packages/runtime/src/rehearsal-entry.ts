// The actor that a spare isolate rehearses with (node/rehearsal.ts): a module as an actor's own is.
import { Actor } from './index.ts'

export class Rehearsal extends Actor {
  static readonly module = import.meta.url

  echo(value: unknown): unknown {
    return value
  }

  fail(): void {
    throw new Error('not to be')
  }
}
