// An actor with a small heap runs one line. The process should not outlive that.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'abort' })
const ref = await system.spawn(actor('hoarder'), { limits: { heapMb: 16 } })
const outcome = await ref
  .ask({ timeoutMs: 60_000 })
  .run(process.argv[2])
  .catch((error) => error.name)
console.log('survived', outcome)
await system.stop()
