// One actor uses up its heap while another works. Prints what both have to say.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'memory' })
const exits = []
system.events.on('exited', ({ path, incarnation, willRestart }) => exits.push({ path, incarnation, willRestart }))
const hoarder = await system.spawn(actor('hoarder'), { name: 'hoarder' })
const neighbour = await system.spawn(actor('victim'), { name: 'neighbour' })
const { code, reason } = await hoarder
  .ask({ timeoutMs: 120_000 })
  .hoard()
  .catch((error) => error)
// The rejection comes through shared memory, and may be faster than the event: the successor's answer is later than both.
const successor = await hoarder.ask.incarnation()
const result = {
  asked: code,
  reason: reason.kind,
  exited: exits[0],
  successor,
  neighbour: [await neighbour.ask.note('still there'), await neighbour.ask.echo('fine')],
}
console.log(JSON.stringify(result))
await system.stop()
