// A service as users write it: on SIGTERM it drains, on a second one it makes haste. Prints how many of 200 slow messages were
// handled, and how it ended.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'signals' })
const slow = await system.spawn(actor('slow'), { shutdownMs: 100_000 })
let signals = 0
let handled = 0
const stopping = []
process.on('SIGTERM', () => {
  console.log(`signal ${++signals}`)
  stopping.push(system.stop(signals === 1 ? { drain: true, deadlineMs: 100_000 } : { deadlineMs: 1 }))
  if (signals === Number(process.argv[2]))
    void Promise.all(stopping).then(() => console.log(`stopped after ${signals}, ${handled} handled`))
})
const asks = Array.from({ length: 200 }, () => slow.ask({ timeoutMs: 200_000 }).work(Number(process.argv[3])))
console.log('flooding')
for (const ask of asks)
  ask.then(
    () => handled++,
    () => {},
  )
