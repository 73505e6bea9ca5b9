// queue.async, queue.sync: one producer (this thread) and one consumer (a worker), an object of five fields per item.
import { once } from 'node:events'
import { cpus } from 'node:os'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { Queue } from '@troupe/runtime'

const isQuick = process.argv.includes('--quick')
const ITEMS = isQuick ? 50_000 : 200_000
const ROUNDS = isQuick ? 3 : 7

interface Item {
  readonly n: number
  readonly name: string
  readonly price: number
  readonly isOpen: boolean
  readonly tag: string
}

type Kind = 'port' | 'async' | 'sync'

function itemOf(n: number): Item {
  return { n, name: 'item', price: n * 0.5, isOpen: (n & 1) === 0, tag: 'five fields' }
}

interface Measured {
  readonly rate: number
  /** Of both threads together. */
  readonly cpuUs: number
}

/** Items per second from the first put until the last one was taken. */
async function rateOf(kind: Kind, items: number): Promise<Measured> {
  const queue = Queue.create<Item>({ capacity: 4_096, bytesMax: 1024 * 1024 })
  const { port1, port2 } = new MessageChannel()
  const workerData = { kind, items, handle: queue.handle, port: port2 }
  const worker = new Worker(new URL('./queue-end.mjs', import.meta.url), { workerData, transferList: [port2] })
  await once(worker, 'message')
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  const summed = once(worker, 'message')
  await SEND[kind](queue, port1, items)
  const [sum] = (await summed) as [number]
  const elapsedMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(cpu)
  port1.close()
  await worker.terminate()
  if (sum !== (items * (items - 1)) / 2) throw new Error(`${kind}: wrong sum ${sum}`)
  return { rate: (items / elapsedMs) * 1_000, cpuUs: (user + system) / items }
}

const SEND: Record<Kind, (queue: Queue<Item>, port: MessagePort, items: number) => Promise<void>> = {
  port: async (_, port, items) => {
    for (let n = 0; n < items; n++) port.postMessage(itemOf(n))
  },
  async: async (queue, _, items) => {
    for (let n = 0; n < items; n++) await queue.put(itemOf(n))
  },
  sync: async (queue, _, items) => {
    for (let n = 0; n < items; n++) queue.putSync(itemOf(n))
  },
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

const measured: Record<Kind, Measured[]> = { port: [], async: [], sync: [] }
const kinds = Object.keys(measured) as Kind[]
for (const kind of kinds) await rateOf(kind, ITEMS / 10)
for (let round = 0; round < ROUNDS; round++) for (const kind of kinds) measured[kind].push(await rateOf(kind, ITEMS))

const rates = (kind: Kind): number[] => measured[kind].map(({ rate }) => rate)
const cpuUs = (kind: Kind): number => Number(median(measured[kind].map((each) => each.cpuUs)).toFixed(2))
const port = median(rates('port'))
const rows = (['async', 'sync'] as const).map((kind) => ({
  id: `queue.${kind}`,
  unit: 'items/s',
  better: 'higher',
  troupe: Math.round(median(rates(kind))),
  peers: { MessagePort: Math.round(port) },
  ratio: Number((median(rates(kind)) / port).toFixed(2)),
  against: 'MessagePort',
  spread: [Math.round(Math.min(...rates(kind))), Math.round(Math.max(...rates(kind)))],
  cpuUs: { troupe: cpuUs(kind), MessagePort: cpuUs('port') },
}))
console.log(JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, rows }, null, 2))
