// Starts actors until that fails. Prints how many there are, what the failure was, and whether the others are well.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'many' })
const refs = []
let failure
while (failure === undefined && refs.length < 200) {
  await system.spawn(actor('slow')).then(
    (ref) => refs.push(ref),
    (error) => (failure = error),
  )
}
await Promise.all(refs.map((ref) => ref.ask.work(1)))
console.log(JSON.stringify({ count: refs.length, code: failure?.code, stage: failure?.stage, message: failure?.message }))
await system.stop()
