// A signal, an ordered stop, and an exit code. The library installs no signal handler: that is the program's own affair.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ActorSystem } from '@troupe/runtime'
import { Journal, Orders } from './actors/journal.ts'

const folder = await mkdtemp(join(tmpdir(), 'orders-'))
const file = join(folder, 'journal.txt')

const system = await ActorSystem.start({ name: 'orders' })
const journal = await system.spawn(Journal, { name: 'journal', args: [file] })
const orders = await system.spawn(Orders, { name: 'orders', args: [journal], shutdownMs: 10_000 })

// drain: what is queued is finished too. What is left after deadlineMs is killed.
process.once('SIGTERM', () => void system.stop({ drain: true, deadlineMs: 20_000 }))

for (let order = 1; order <= 5; order++) orders.tell.take(order)
console.log('five orders accepted')
process.kill(process.pid, 'SIGTERM')

await system.closed
console.log((await readFile(file, 'utf8')).trimEnd())
console.log('tell after the end:', orders.tell.take(6))
await rm(folder, { recursive: true })
