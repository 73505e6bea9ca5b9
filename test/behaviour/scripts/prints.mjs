// node prints.mjs PATH: an actor floods a standard output that nobody reads; another one writes PATH when it has handled 100
// messages meanwhile. The last line is 'stopped'.
import { writeFileSync } from 'node:fs'
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

const system = await ActorSystem.start({ name: 'prints' })
const printer = await system.spawn(actor('printer'))
const other = await system.spawn(actor('victim'))
const printed = printer.ask({ timeoutMs: 120_000 }).print(10_000)
for (let i = 0; i < 100; i++) await other.ask({ timeoutMs: 120_000 }).echo(i)
writeFileSync(process.argv[2], 'alive')
await printed
await system.stop()
console.log('stopped')
