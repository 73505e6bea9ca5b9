// npm run model [-- --deeper N | all] [--states N] [--only TEXT]: the model's scenarios, with more preemptions than the tests allow, or any number.
import { parseArgs } from 'node:util'
import { allScenarios, scopeOf } from './files.ts'
import { Search } from './search.ts'

const { values } = parseArgs({
  options: {
    deeper: { type: 'string', default: '1' },
    states: { type: 'string', default: '5000000' },
    only: { type: 'string', default: '' },
  },
})

const deeper = values.deeper === 'all' ? Number.POSITIVE_INFINITY : Number(values.deeper)

for (const { file, name, code } of await allScenarios()) {
  if (!`${file}: ${name}`.includes(values.only)) continue
  const startedMs = performance.now()
  try {
    const explored = new Search(code, name, { deeper }).all(Number(values.states))
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0)
    console.log(`| ${file}: ${name} | ${scopeOf(explored)} | ${explored.states} states, ${explored.schedules} schedules | ${seconds} s |`)
    if (!explored.isComplete) process.exitCode = 1
  } catch (error) {
    console.error(`FAILED: ${file}: ${name}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
