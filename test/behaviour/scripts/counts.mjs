// node counts.mjs HOW CYCLES: starts and ends systems, and prints what the process has before, while and after:
// { before, running, after: [] }.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { ActorSystem, child } from '@troupe/runtime'
import { actor } from './actors.mjs'

const [, , HOW_NAME, CYCLES] = process.argv

function inFolder(path) {
  return existsSync(path) ? readdirSync(path).length : 0
}

/** Children of this process, by the parent that /proc names. */
function children() {
  if (!existsSync('/proc/self/stat')) return 0
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return processes.filter((pid) => {
    try {
      return Number(/\) \S+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]) === process.pid
    } catch {
      return false
    }
  }).length
}

function count() {
  return {
    threads: inFolder('/proc/self/task'),
    files: inFolder('/proc/self/fd'),
    children: children(),
    resources: process.getActiveResourcesInfo().sort(),
    listeners: Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)])),
  }
}

async function busy(system) {
  const refs = await Promise.all([1, 2, 3].map(() => system.spawn(actor('victim'))))
  const hanging = refs[0].ask({ timeoutMs: 1_000_000 }).hang()
  hanging.catch(() => {})
  for (const ref of refs) for (let i = 0; i < 100; i++) ref.tell.note(i)
  await Promise.all(refs.slice(1).map((ref) => ref.ask.echo(1)))
  await system.kill(refs[1])
  await refs[1].ask.echo(1)
}

const HOW = {
  async stop(onRunning) {
    const system = await ActorSystem.start({ name: 'counted', children: [child(actor('victim'), { name: 'victim', shutdownMs: 20 })] })
    // The many cycles at the end are lighter.
    if (onRunning !== undefined) await busy(system)
    onRunning?.()
    await system.stop({ deadlineMs: 100 })
  },
  async giveUp(onRunning) {
    const spec = child(actor('victim'), { name: 'victim' })
    const system = await ActorSystem.start({ name: 'counted', children: [spec], intensity: { restarts: 0, withinMs: 1_000 } })
    await system.spawn(actor('victim'))
    onRunning?.()
    system.ref(spec).tell.fail('at once')
    await system.closed.catch(() => {})
    await system.stop()
  },
  async startFailed() {
    const children = [child(actor('victim'), { name: 'good' }), child(actor('starters', 'ThrowsInOnStart'), { name: 'bad' })]
    await ActorSystem.start({ name: 'counted', children }).catch(() => {})
  },
}

const how = HOW[HOW_NAME]
// Node starts threads of its own for the first files and promises; they stay.
await how(() => {})
await settled()
const before = count()
let running
const after = []
await how(() => {
  running = count()
})
after.push(count())
for (let i = 0; i < Number(CYCLES); i++) await how()
after.push(count())
console.log(JSON.stringify({ before, running, after }))

async function settled() {
  for (let last = ''; last !== JSON.stringify(count()); ) {
    last = JSON.stringify(count())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
