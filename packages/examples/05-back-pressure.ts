// A mailbox has an end. A sender is told when it is reached, and can wait for room.
import { ActorSystem, MailboxFullError } from '@troupe/runtime'
import { Printer, Tray } from './actors/printer.ts'

// Four messages of one sender may wait in one mailbox, the one in progress included. The default is 65 536, and 4 MiB.
const system = await ActorSystem.start({ name: 'back-pressure', limits: { laneMessagesMax: 4 } })
const tray = await system.spawn(Tray, { name: 'tray' })
const printer = await system.spawn(Printer, { name: 'printer', args: [tray] })

const deadLetters: string[] = []
system.events.on('deadLetter', ({ method, args, why }) => deadLetters.push(`${method}(${args?.join()}), ${why}`))

// The tray is empty, so the printer is busy with page 1 from now on.
const accepted = [1, 2, 3, 4, 5, 6].map((page) => printer.tell.print(`page ${page}`))
console.log('tell:', accepted)

const refused = printer.ask.print('page 7')
console.log('ask:', await refused.catch((error: unknown) => error instanceof MailboxFullError && error.code))

// Waits for room, up to a time limit, and blocks nobody meanwhile.
const waiting = printer.tell({ whenFull: 'wait', timeoutMs: 60_000 }).print('page 8')
await tray.ask.fill(100)
console.log('tell, waiting:', await waiting)
console.log('ask, waiting:', await printer.ask({ whenFull: 'wait' }).print('page 9'), 'pages printed')

await system.stop()
console.log(deadLetters.join('\n'))
