// The actor that a spare isolate rehearses with (node/rehearsal.ts).
import { Actor } from './actor/actor.ts'

export class Rehearsal extends Actor {
  static readonly module = import.meta.url

  echo(value: unknown): unknown {
    return value
  }

  fail(): void {
    throw new Error('not to be')
  }
}
