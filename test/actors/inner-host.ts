import { Actor, ActorSystem, actorsIn } from '@troupe/runtime'
import type { Whereabouts } from './whereabouts.ts'

const lean = actorsIn<{ Whereabouts: typeof Whereabouts }>(new URL('./whereabouts.ts', import.meta.url)).Whereabouts

/** The host of a system of its own. */
export class InnerHost extends Actor {
  static readonly module = import.meta.url

  async threadsOf(isolate: 'thread' | 'inline'): Promise<{ readonly own: number; readonly actors: number }> {
    await using system = await ActorSystem.start({ name: 'inner', isolate, spares: 0 })
    const [actor, host] = [await system.spawn(lean), await system.spawn(lean, { isolate: 'inline' })]
    return { own: await host.ask.threadId(), actors: await actor.ask.threadId() }
  }
}
