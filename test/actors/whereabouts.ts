import { threadId } from 'node:worker_threads'
import { Actor, type ActorRef } from '@troupe/runtime'

/** Says in which thread it runs. */
export class Whereabouts extends Actor {
  static readonly module = import.meta.url

  threadId(): number {
    return threadId
  }

  spawnSelf(isolate: 'thread' | 'inline'): Promise<ActorRef<Whereabouts>> {
    return this.context.spawn(Whereabouts, { isolate })
  }
}
