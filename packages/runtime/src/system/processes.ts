import type { ActorLife } from './actor-life.ts'

/** A child process that an actor has started through its context. */
export interface OwnedProcess {
  readonly pid: number
  /** It leads a group, which ends with it. */
  readonly isGroup: boolean
}

/** Ends the child processes of actors with them. A thread that is killed takes none with it by itself. */
export class Processes {
  readonly #kill: (owned: OwnedProcess) => void
  readonly #living = new Map<ActorLife, Map<number, OwnedProcess>>()

  constructor(kill: (owned: OwnedProcess) => void) {
    this.#kill = kill
  }

  note(life: ActorLife, owned: OwnedProcess, isAlive: boolean): void {
    const own = this.#living.get(life) ?? new Map<number, OwnedProcess>()
    if (isAlive) own.set(owned.pid, owned)
    else own.delete(owned.pid)
    this.#living.set(life, own)
  }

  /** Its isolate has ended, or is known never to. */
  end(life: ActorLife): void {
    for (const owned of this.#living.get(life)?.values() ?? []) this.#kill(owned)
    this.#living.delete(life)
  }
}
