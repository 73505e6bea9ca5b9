// node dies.mjs HOW: an actor accepts 100 messages behind one that it holds, says so, and takes the process with it.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'dies' })
const ref = await system.spawn(actor('killer'))
const waiting = await system.spawn(actor('killer'))
waiting.tell.hold()
const accepted = Array.from({ length: 100 }, (_, i) => waiting.tell.note(i)).filter(Boolean).length
console.log(`accepted ${accepted}`)
ref.tell[process.argv[2]]()
setInterval(() => {}, 1_000)
