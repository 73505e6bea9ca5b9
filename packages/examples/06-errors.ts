// What an error looks like on the other side, and which errors the runtime itself has.
import { ActorDownError, ActorStoppedError, ActorSystem, describeExit, NotSendableError, RemoteError } from '@troupe/runtime'
import { Teller } from './actors/teller.ts'

const system = await ActorSystem.start({ name: 'errors' })
const teller = await system.spawn(Teller, { name: 'teller' })
const deadLetters: string[] = []
system.events.on('deadLetter', ({ to, method, args, why }) => deadLetters.push(`${to}.${method}(${args?.join()}): ${why}`))

const errorOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)

// The error of an asked method goes to its asker, and the actor lives on: same class, message and stack.
const range = await errorOf(teller.ask.withdraw(-5))
if (range instanceof RangeError) console.log(range.message, '- thrown in Teller.withdraw:', range.stack?.includes('at Teller.withdraw'))

// A class that is not registered here keeps its name, code, fields and cause.
const overdrawn = await errorOf(teller.ask.withdraw(130))
if (overdrawn instanceof RemoteError) console.log(overdrawn.name, overdrawn.code, overdrawn.fields, String(overdrawn.cause))
console.log('balance:', await teller.ask.withdraw(30))

// What cannot be sent is refused before a byte is written, with the place in the message.
const unsendable = await errorOf(teller.ask.note({ user: { seen: new WeakSet() } }))
console.log(unsendable instanceof NotSendableError && unsendable.path)

// It died while it worked on this very call: whether the call took effect is unknown.
const down = await errorOf(teller.ask.leave())
if (down instanceof ActorDownError) console.log(down.code, describeExit(down.reason))

// An error in a tell has nobody to go to. The actor crashes and is started again; the message becomes a dead letter.
teller.tell.withdraw(500)
console.log('balance:', await teller.ask.withdraw(1))

// The address has ended: this was never begun, so it can be done elsewhere without a doubt.
await system.stopActor(teller)
const stopped = await errorOf(teller.ask.withdraw(1))
console.log(stopped instanceof ActorStoppedError && stopped.code, '- tell:', teller.tell.withdraw(1))

await system.stop()
console.log(deadLetters.join('\n'))
