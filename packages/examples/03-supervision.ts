// An actor that fails is started again. Its state is gone, its mailbox is not.
import { ActorSystem, child, describeExit, supervisor } from '@troupe/runtime'
import { Ledger } from './actors/ledger.ts'

const ledgerSpec = child(Ledger, { name: 'ledger' })
const system = await ActorSystem.start({
  name: 'supervision',
  children: [supervisor({ name: 'books', intensity: { restarts: 3, withinMs: 5_000 }, children: [ledgerSpec] })],
})
const ledger = system.ref(ledgerSpec)

const story: string[] = []
system.events.on('exited', ({ path, incarnation, reason, willRestart }) => {
  if (willRestart) story.push(`${path} #${incarnation} ended, and is started again: ${describeExit(reason)}`)
})
system.events.on('deadLetter', ({ method, args, why }) => story.push(`dead letter: ${method}(${args?.join(', ')}), ${why}`))

ledger.tell.enter(1)
// A tell has nobody to give an error to: this one is a crash. It was begun, so it is not handled again.
ledger.tell.enter(Number.NaN)
// These are in the mailbox when the ledger crashes, and the next incarnation handles them. The ref stays good.
ledger.tell.enter(20)
ledger.tell.enter(300)
console.log('entries:', await ledger.ask.entries(), 'incarnation:', await ledger.ask.incarnation())

// From outside, as a crash would: the thread is terminated wherever it is.
await system.kill(ledger)
ledger.tell.enter(4_000)
console.log('entries:', await ledger.ask.entries(), 'incarnation:', await ledger.ask.incarnation())

await system.stop()
console.log(story.join('\n'))
