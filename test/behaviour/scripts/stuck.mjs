// An actor's thread is stuck in native code: it opens a pipe that nobody writes to. Prints 'stopped' when the system says so;
// whoever started this script opens the pipe then, because a process waits for its threads.
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'stuck' })
const warnings = []
system.events.on('warning', ({ text }) => warnings.push(text))
const ref = await system.spawn(actor('victim'), { name: 'stuck', shutdownMs: 'kill' })
const other = await system.spawn(actor('victim'), { name: 'other' })
ref.tell.open(process.argv[2])
void system.kill(ref).catch(() => {})
while (warnings.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
const others = await other.ask.echo('fine')
await system.stop({ deadlineMs: 100 })
console.log(JSON.stringify({ warnings, others }))
