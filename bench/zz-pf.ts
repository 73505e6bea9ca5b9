import { ActorSystem } from '@troupe/runtime'
import { Prof } from './actors/zz-prof.ts'
import { raw } from './peers/raw.ts'

const big = new Uint8Array(1 << 20).fill(1)
async function run(name: string, echo: (b: Uint8Array) => Promise<Uint8Array>) {
  const t: number[] = []
  for (let k = 0; k < 800; k++) {
    const s = performance.now()
    await echo(big)
    t.push(performance.now() - s)
    if (k === 399) {
      globalThis.f0 = process.resourceUsage().minorPageFault
    }
  }
  const f = process.resourceUsage().minorPageFault - globalThis.f0
  const l = t.slice(400).sort((a, b) => a - b)
  console.log(
    name,
    'p50',
    (l[200]! * 1000).toFixed(0),
    'faults/op',
    (f / 400).toFixed(0),
    'rss',
    (process.memoryUsage().rss / 1e6).toFixed(0),
  )
}
const s = await raw.open()
await run('raw', (b) => s.echo(b) as never)
await s.close()
const system = await ActorSystem.start({ name: 'p' })
const ref = await system.spawn(Prof)
await run('troupe', (b) => ref.ask.echo(b))
await run('troupe', (b) => ref.ask.echo(b))
await system.stop()
process.exit()
