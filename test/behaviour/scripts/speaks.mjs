// An actor writes, and nobody listens to it.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'speaks' })
const speaker = await system.spawn(actor('speaker'), { name: 'speaker' })
await speaker.ask.speak()
await system.stop()
console.log('stopped')
