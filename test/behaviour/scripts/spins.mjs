// node spins.mjs PATH HANG_AFTER_MS: an actor keeps its event loop from turning until PATH exists. Prints a line now and then.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const [, , path, hangAfterMs] = process.argv
const system = await ActorSystem.start({ name: 'spins' })
let exits = 0
system.events.on('exited', () => exits++)
const ref = await system.spawn(actor('hanger'), { hangAfterMs: Number(hangAfterMs) })
const asked = ref.ask({ timeoutMs: 120_000 }).spinUntil(path)
setInterval(() => console.log('begun'), 100).unref()
console.log(`incarnation ${await asked.catch(String)}, exits ${exits}`)
await system.stop()
