// A signal, an ordered stop, and an exit code. The library installs no signal handler: that is the program's own affair.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ActorSystem, child } from '@troupe/runtime'
import { Journal, Orders } from './actors/journal.ts'

const folder = await mkdtemp(join(tmpdir(), 'orders-'))
const file = join(folder, 'journal.txt')

// Children start in this order and stop in the reverse one, each with its own time to do so.
const ordersSpec = child(Orders, { name: 'orders', shutdownMs: 10_000 })
const system = await ActorSystem.start({ name: 'shop', children: [child(Journal, { name: 'journal', args: [file] }), ordersSpec] })
const orders = system.ref(ordersSpec)

// drain: what is queued is finished too. What is left after deadlineMs is killed.
process.once('SIGTERM', () => void system.stop({ drain: true, deadlineMs: 20_000 }))

for (let order = 1; order <= 5; order++) orders.tell.take(order)
console.log('five orders accepted')
process.kill(process.pid, 'SIGTERM')

await system.closed
console.log((await readFile(file, 'utf8')).trimEnd())
await rm(folder, { recursive: true })
