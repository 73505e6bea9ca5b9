// Stops a system with asks, watches, timers and a spawn in flight, and then does nothing more.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'ending' })
const ref = await system.spawn(actor('victim'), { shutdownMs: 20 })
const inFlight = [
  ref.ask({ timeoutMs: 10 ** 9 }).hang(),
  ref.ask({ timeoutMs: Number.POSITIVE_INFINITY }).echo(1),
  ref.ask({ signal: AbortSignal.timeout(10 ** 9) }).echo(2),
  ref.tell({ whenFull: 'wait', timeoutMs: 10 ** 9 }).note(3),
  system.terminated(ref),
  system.spawn(actor('starters', 'HangsInOnStart')),
  system.tree(),
]
const settled = Promise.allSettled(inFlight)
await system.stop()
await settled
console.log('stopped')
