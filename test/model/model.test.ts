import { expect, test } from 'vitest'
import { compiled } from './compile.ts'
import { mutants } from './mutants.ts'
import { type Explored, Failure, namesIn, Search } from './search.ts'

/** A search that would be larger ends here, and says so: `complete: no`. */
const STATES_MAX = Number(process.env['TROUPE_MODEL_STATES'] ?? 150_000)

const files = ['lanes', 'kills', 'parking', 'closing', 'counters', 'waits', 'large'] as const
const codes = Object.fromEntries(await Promise.all(files.map(async (file) => [file, await compiled(`./${file}.ts`)] as const)))

function told(name: string, { states, schedules, steps, bound, isComplete }: Explored, startedMs: number): string {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  const scope = isComplete
    ? bound === undefined
      ? 'complete'
      : `complete up to ${bound} preemptions`
    : `NOT complete: ends at ${STATES_MAX} states`
  return `${name}: ${states} states, ${steps} steps, ${schedules} schedules in ${seconds} s, ${scope}`
}

/** What a failure says to do: runs that one schedule, and tells each operation. */
const replay = process.env['TROUPE_MODEL_REPLAY']
if (replay !== undefined) {
  const [name, token] = replay.split('/') as [string, string]
  const code = Object.values(codes).find((one) => namesIn(one).includes(name))
  test(`replay of '${name}'`, () => new Search(code!, name).replay(token, console.log))
}

for (const file of files) {
  for (const name of namesIn(codes[file]!)) {
    test(`${file === 'waits' ? 'G8' : 'G1–G6'}: ${file}: ${name}`, () => {
      const startedMs = performance.now()
      const explored = new Search(codes[file]!, name).all(STATES_MAX)
      console.log(told(name, explored, startedMs))
      expect(explored.states).toBeGreaterThan(100)
      expect(explored.isComplete).toBe(true)
    })
  }
}

for (const { name, edits, file, scenario, says } of mutants) {
  test(`a planted bug is caught: ${name}`, async () => {
    const code = await compiled(`./${file}.ts`, edits)
    let caught: unknown
    try {
      new Search(code, scenario).all(STATES_MAX)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(Failure)
    expect((caught as Failure).message).toMatch(says)
    // The token gives the same failure again.
    const again = (): void => new Search(code, scenario).replay((caught as Failure).token, () => undefined)
    expect(again).toThrow(says)
  })
}
