// What strictness costs: the codec against the library beneath it, which checks nothing. No thread is on the way.
import type { Experiment, Plan, Runner } from '../row.ts'

const LIBRARY = 'msgpackr'
const CALLS_PER_LOOK = 1_000

type Order = { id: number; name: string; amount: number; active: boolean; at: number }
type Carry = (order: Order) => Order

function carrier(name: string, makeCarry: () => Promise<Carry>): Runner {
  return {
    name,
    async measure(plan: Plan) {
      const carry = await makeCarry()
      timeOf(carry, plan.warmUpMs)
      return { values: { 'codec.strict': timeOf(carry, plan.measureMs) } }
    },
  }
}

/** Nanoseconds for there and back, each time of another value. */
function timeOf(carry: Carry, ms: number): number {
  const startedMs = performance.now()
  let calls = 0
  let nowMs = startedMs
  for (; nowMs - startedMs < ms; nowMs = performance.now()) {
    for (let i = 0; i < CALLS_PER_LOOK; i++) {
      const order = { id: calls, name: 'customer-17', amount: calls * 1.5, active: true, at: 1.7e12 + calls }
      const got = carry(order)
      if (got.id !== calls || got.at !== order.at || got === order) throw new Error('it arrived changed')
      calls++
    }
  }
  return ((nowMs - startedMs) * 1e6) / calls
}

/** As two threads of one system have it: the keys are known to both. Strict: what is not plain data is told from what is. */
async function strict(): Promise<Carry> {
  const { Codec } = await import('../../packages/runtime/src/codec/codec.ts')
  const { Arena } = await import('../../packages/runtime/src/queue/arena.ts')
  const { ShapeNames } = await import('../../packages/runtime/src/queue/names.ts')
  const shapes = ShapeNames.of(Arena.create(4, 4 << 20))
  const codec = new Codec({ isRef: () => false, toWire: () => undefined as never, fromWire: () => ({}) }, undefined, shapes)
  return (order) => {
    const { bytes, start, end } = codec.encodeArgs([order], 'bench')
    return codec.decodeArgs(bytes, start, end)[0] as Order
  }
}

async function lax(): Promise<Carry> {
  const { Packr } = await import('msgpackr')
  const packr = new Packr({ useRecords: false })
  return (order) => (packr.unpack(packr.pack([order])) as [Order])[0]
}

export const codecStrict: Experiment = {
  rows: [
    {
      id: 'codec.strict',
      title: 'an object with five fields, encoded and decoded; msgpackr checks nothing',
      unit: 'ns',
      better: 'lower',
      // At most a quarter more.
      target: { against: [LIBRARY], atLeast: 0.8 },
    },
  ],
  runners: [carrier('Troupe', strict), carrier(LIBRARY, lax)],
}
