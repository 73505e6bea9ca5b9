// An actor's thread is stuck in native code: it opens a pipe that nobody writes to. Prints 'stopped' when the system says so;
// whoever started this script opens the pipe then, because a process waits for its threads.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'stuck' })
const warnings = []
system.events.on('warning', ({ text }) => warnings.push(text))
const ref = await system.spawn(actor('victim'), { name: 'stuck', shutdownMs: 'kill' })
const other = await system.spawn(actor('victim'), { name: 'other' })
const isTold = new Promise((resolve) => system.events.on('warning', resolve))
// It cannot be seen from here that a thread is inside the call, so the kill may come too early: then once more.
for (let isStuck = false; !isStuck; ) {
  ref.tell.open(process.argv[2])
  await new Promise((resolve) => setTimeout(resolve, 200))
  isStuck = await Promise.race([isTold.then(() => true), system.kill(ref).then(() => false)])
}
const others = await other.ask.echo('fine')
await system.stop({ deadlineMs: 100 })
console.log(JSON.stringify({ warnings, others }))
