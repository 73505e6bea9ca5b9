import { Actor, ActorDownError, type ActorRef } from '@troupe/runtime'
import type { Recorder } from './recorder.ts'
import type { Scribe } from './scribe.ts'
import { Victim } from './victim.ts'

/** Talks to others on request: main is not on the way. */
export class Relay extends Actor {
  static readonly module = import.meta.url
  #kept: ActorRef<Victim> | undefined

  async echoThrough(victim: ActorRef<Victim>, value: unknown): Promise<unknown> {
    return victim.ask.echo(value)
  }

  /** Tells the numbers `from` … in one go; returns how many were accepted. */
  number(to: ActorRef<Scribe>, from: number, count: number): number {
    let accepted = 0
    for (let n = from; n < from + count; n++) if (to.tell.take(n)) accepted++
    return accepted
  }

  /** Ends when everything that it has told is begun; a kill may hit this very ask. */
  async allBegun(to: ActorRef<Scribe>): Promise<void> {
    for (;;) {
      const outcome = await to
        .ask({ timeoutMs: Number.POSITIVE_INFINITY })
        .echo('begun')
        .catch((error: unknown) => error)
      if (outcome === 'begun') return
      if (!(outcome instanceof ActorDownError)) throw outcome
    }
  }

  async askAnswer(scribe: ActorRef<Scribe>, n: number): Promise<readonly [number, number]> {
    return scribe.ask.answer(n)
  }

  /** Tells 0 … count − 1 in one go; returns how many were accepted. */
  flood(to: ActorRef<Recorder>, count: number, from = 0): number {
    let accepted = 0
    for (let i = from; i < from + count; i++) if (to.tell.note(i)) accepted++
    return accepted
  }

  async failThrough(victim: ActorRef<Victim>): Promise<unknown> {
    return victim.ask.fail('far away')
  }

  keep(box: { readonly inside: ReadonlyMap<string, readonly ActorRef<Victim>[]> }): void {
    this.#kept = box.inside.get('victims')![0]
  }

  kept(): { readonly ref: ActorRef<Victim> | undefined } {
    return { ref: this.#kept }
  }

  async find(path: string): Promise<ActorRef<Victim> | undefined> {
    return this.context.lookup<Victim>(path)
  }

  async spawnVictim(name: string): Promise<ActorRef<Victim>> {
    return this.context.spawn(Victim, { name })
  }

  /** Asks itself in its own handler: nobody could serve that. */
  async askItself(): Promise<unknown> {
    return this.context.selfAs<Relay>().ask.kept()
  }

  /** Asks itself when no handler runs: that can be served. */
  askItselfLater(recorder: ActorRef<Recorder>): void {
    setTimeout(async () => {
      const { ref } = await this.context.selfAs<Relay>().ask.kept()
      recorder.tell.note(ref === undefined ? 'served' : 'unexpected')
    }, 1)
  }

  tellItself(recorder: ActorRef<Recorder>, hops: number): void {
    recorder.tell.note(hops)
    if (hops > 0) this.context.selfAs<Relay>().tell.tellItself(recorder, hops - 1)
  }
}
