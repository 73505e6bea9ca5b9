// One actor, one question.
import { ActorSystem } from '@troupe/runtime'
import { Greeter } from './actors/greeter.ts'

// The system ends with this scope: in order, and with nothing left running.
await using system = await ActorSystem.start({ name: 'hello' })

// The class is loaded and the actor made in an isolate of its own: another thread with another heap.
const greeter = await system.spawn(Greeter, { name: 'greeter', args: ['Hello'] })

console.log(greeter.path)
console.log(await greeter.ask.greet('world'))
