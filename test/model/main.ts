// npm run model [-- --deeper N | all] [--states N] [--walks N] [--only TEXT] [--replay 'NAME/TOKEN']
// The model's scenarios with more preemptions than the tests allow, or any number; each also with schedules by chance, which
// have no bound; and the planted bugs. Prints how much was tried, and for each failure the token that replays it.
import { parseArgs } from 'node:util'
import { allScenarios, type Found, scopeOf } from './files.ts'
import { mutants } from './mutants.ts'
import { catchPlanted, firstLine } from './planted.ts'
import { Search } from './search.ts'
import { Stage } from './stage.ts'
import { walk } from './walk.ts'

const { values } = parseArgs({
  options: {
    deeper: { type: 'string', default: '1' },
    states: { type: 'string', default: '2000000' },
    walks: { type: 'string', default: '1000' },
    only: { type: 'string', default: '' },
    replay: { type: 'string' },
  },
})

const deeper = values.deeper === 'all' ? Number.POSITIVE_INFINITY : Number(values.deeper)
const scenarios = await allScenarios()
if (values.replay === undefined) await searchAll()
else replay(values.replay)

async function searchAll(): Promise<void> {
  console.log('| scenario | searched | by chance | states, schedules | time |\n|---|---|---|---|---|')
  for (const found of scenarios.filter(isWanted)) search(found)
  console.log('\n| planted bug | found in | the model says | by a schedule of |\n|---|---|---|---|')
  let caught = 0
  const planted = mutants.filter(({ file, scenario }) => isWanted({ file, name: scenario }))
  for (const mutant of planted) {
    try {
      const { message, token } = await catchPlanted(mutant, Number(values.states))
      console.log(
        `| ${mutant.name} | ${mutant.file}: ${mutant.scenario} | ${firstLine(message)} | ${token.split('.').length} steps, replayed |`,
      )
      caught++
    } catch (error) {
      console.error(`FAILED: ${mutant.name}: ${textOf(error)}`)
    }
  }
  console.log(`\n${caught} of ${planted.length} planted bugs are caught`)
  if (caught < planted.length) process.exitCode = 1
}

function search({ file, name, code }: Found): void {
  const startedMs = performance.now()
  const walks = Number(values.walks)
  try {
    const explored = new Search(code, name, { deeper }).all(Number(values.states))
    walk(new Stage(code, name), walks, 2)
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0)
    const { states, schedules } = explored
    console.log(
      `| ${file}: ${name} | ${scopeOf(explored)} | ${walks} schedules | ${states} states, ${schedules} schedules | ${seconds} s |`,
    )
  } catch (error) {
    console.error(`FAILED: ${file}: ${name}: ${textOf(error)}`)
    process.exitCode = 1
  }
}

/** Tells each operation of one schedule. */
function replay(text: string): void {
  const [name, token] = text.split('/') as [string, string]
  const { code } = scenarios.find((one) => one.name === name)!
  try {
    new Stage(code, name).replay(token, console.log)
    console.log('nothing is wrong at its end')
  } catch (error) {
    console.error(`FAILED: ${textOf(error)}`)
    process.exitCode = 1
  }
}

function isWanted({ file, name }: { readonly file: string; readonly name: string }): boolean {
  return `${file}: ${name}`.includes(values.only)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
