// node tooled.mjs [no-preloads]: an actor in a spare, and one that starts cold. Prints what they have in common.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'tooled', spares: 1, preloads: process.argv[2] !== 'no-preloads' })
const refs = await Promise.all([1, 2, 3].map(() => system.spawn(actor('tooled'))))
console.log(JSON.stringify(await Promise.all(refs.map((ref) => ref.ask.preloaded()))), await refs[0].ask.work(21))
await system.stop()
