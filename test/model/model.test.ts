import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allScenarios, scopeOf } from './files.ts'
import { mutants } from './mutants.ts'
import { catchPlanted } from './planted.ts'
import { type Explored, Search } from './search.ts'
import { Stage } from './stage.ts'

/** A search that would be larger ends here, and says so: `NOT complete`. */
const STATES_MAX = Number(process.env['TROUPE_MODEL_STATES'] ?? 400_000)

const scenarios = await allScenarios()
const table = readFileSync(new URL('README.md', import.meta.url), 'utf8')

function told(name: string, explored: Explored, startedMs: number): string {
  const { states, steps, schedules } = explored
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  return `${name}: ${states} states, ${steps} steps, ${schedules} schedules in ${seconds} s, ${scopeOf(explored)}`
}

/** What a failure says to do: runs that one schedule, and tells each operation. */
const replay = process.env['TROUPE_MODEL_REPLAY']
if (replay !== undefined) {
  const [name, token] = replay.split('/') as [string, string]
  const { code } = scenarios.find((one) => one.name === name)!
  test(`replay of '${name}'`, () => new Stage(code, name).replay(token, console.log))
}

for (const { file, name, code } of scenarios) {
  test(`${file === 'waits' ? 'G8' : 'G1–G6'}: ${file}: ${name}`, () => {
    const startedMs = performance.now()
    const explored = new Search(code, name).all(STATES_MAX)
    console.log(told(name, explored, startedMs))
    expect(explored.isComplete).toBe(true)
    expect(explored.ends).toBeGreaterThan(1)
    // What is promised of it, in the table that people read.
    expect(table).toContain(`| ${file}: ${name} | ${scopeOf(explored)} |`)
  })
}

// Small enough to be searched with every order, too.
const small = ['a receiver dies', 'a lane is written while its receiver ends', 'one that looks for a cycle dies']
for (const { name, code } of scenarios.filter((one) => small.includes(one.name))) {
  test(`the orders that a search leaves out come to nothing new: ${name}`, () => {
    const ends = (isReduced: boolean): number => new Search(code, name, { isReduced }).all().ends
    expect(ends(true)).toBe(ends(false))
  })
}

for (const mutant of mutants) {
  test(`a planted bug is caught: ${mutant.name}`, async () => {
    const { token } = await catchPlanted(mutant, STATES_MAX)
    expect(token).toContain('~')
  })
}
