import { Session } from 'node:inspector'
import { Actor, type ActorRef } from '@troupe/runtime'

export class Lean extends Actor {
  static readonly module = import.meta.url
  #ticks = 0

  override onStart(): void {
    this.context.timers.after('tick', 1, () => this.tick())
  }

  tick(): void {
    this.#ticks++
  }

  ticks(): number {
    return this.#ticks
  }

  size(map: Map<string, number>): number {
    return map.size
  }

  fail(): never {
    throw new RangeError('as planned')
  }

  async ticksOf(other: ActorRef<Lean>): Promise<number> {
    return other.ask.ticks()
  }

  /** What this thread has evaluated of the runtime. */
  scripts(): string[] {
    const names: string[] = []
    const session = new Session()
    session.connect()
    session.on('Debugger.scriptParsed', ({ params }) => names.push(/isolate-\w+\.cjs$/.exec(params.url)?.[0] ?? ''))
    session.post('Debugger.enable')
    session.disconnect()
    return names.filter((name) => name !== '').sort()
  }
}
