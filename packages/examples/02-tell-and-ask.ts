// A message is a method call: tell goes on at once, ask waits for the answer.
import { ActorSystem, AskAbortedError, AskTimeoutError } from '@troupe/runtime'
import { Counter } from './actors/counter.ts'

await using system = await ActorSystem.start({ name: 'tell-and-ask' })
const counter = await system.spawn(Counter, { name: 'counter', args: [10] })

// true: the message is in the mailbox. It says nothing about what becomes of it there.
console.log('tell:', counter.tell.add(1))

// What one sender sends is begun in that order, so this sees the tell before it.
console.log('ask:', await counter.ask.add(1))

// One message at a time, also across awaits: four callers, and no update is lost.
console.log('at once:', await Promise.all([1, 2, 3, 4].map((n) => counter.ask.addSlowly(n, 5))))

// The methods are plain functions: they can be taken out of the ref and passed on.
const { add } = counter.ask
console.log('as a function:', await Promise.all([1, 1, 1].map((n) => add(n))))

// For synchronous code: blocks this thread, and nothing else.
console.log('askSync:', counter.askSync.total())

// An ask never hangs: it is answered, or rejects with a named error. Default 5 000 ms.
const busy = await system.spawn(Counter, { name: 'busy', shutdownMs: 'kill' })
const late = busy.ask({ timeoutMs: 50 }).addSlowly(1, 60_000)
console.log('too late:', await late.catch((error: unknown) => error instanceof AskTimeoutError && error.code))

// The caller's own signal ends the wait as well.
const aborted = busy.ask({ signal: AbortSignal.timeout(50) }).addSlowly(1, 60_000)
console.log('aborted:', await aborted.catch((error: unknown) => error instanceof AskAbortedError && error.code))
