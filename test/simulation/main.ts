import { parseArgs } from 'node:util'
import { loadControlSide } from './control-side.ts'
import { simulate } from './simulation.ts'

// npm run simulate -- --seeds N [--seed S]: N stories from seed S on. The first that breaks something is printed with its seed.

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } } })
const [count, first] = [Number(values.seeds), Number(values.seed)]
const side = await loadControlSide()
const startedMs = performance.now()
let failed = 0
let seed = first

/** A bug that shows itself in nobody's promise. */
process.on('unhandledRejection', (error) => {
  failed++
  console.error(`seed ${seed}: unhandled: ${error instanceof Error ? error.stack : String(error)}`)
})

for (let i = 0; i < count; i++) {
  seed = first + i
  try {
    const story = await simulate(seed, side)
    if (count === 1) console.log(`seed ${seed}: ${story}`)
  } catch (error) {
    failed++
    console.error(`seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    console.error(`again: npm run simulate -- --seeds 1 --seed ${seed}`)
  }
  if ((i + 1) % 500 === 0)
    console.log(`${i + 1} of ${count} seeds, ${failed} failed, ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
}
console.log(`${count} seeds from ${first}: ${failed === 0 ? 'nothing is broken' : `${failed} failed`}`)
process.exitCode = failed === 0 ? 0 : 1
