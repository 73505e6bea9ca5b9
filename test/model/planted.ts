import { compiled } from './compile.ts'
import type { Mutant } from './mutants.ts'
import { Search } from './search.ts'
import { Failure, Stage } from './stage.ts'

/** What the model says of a planted bug. Throws when it says nothing, or something else, or when its token does not give the same again. */
export async function catchPlanted({ edits, file, scenario, says }: Mutant, statesMax: number): Promise<Failure> {
  const code = await compiled(`./${file}.ts`, edits)
  const failure = failureOf(() => void new Search(code, scenario).all(statesMax))
  if (failure === undefined) throw new Error('nothing was found')
  if (!says.test(failure.message)) throw new Error(`something else was found: ${failure.message}`, { cause: failure })
  if (replayed(code, scenario, failure.token) !== firstLine(failure.message))
    throw new Error(`the token gives something else: ${failure.message}`)
  return failure
}

function failureOf(run: () => void): Failure | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  return undefined
}

function replayed(code: string, scenario: string, token: string): string {
  try {
    new Stage(code, scenario).replay(token, () => undefined)
  } catch (error) {
    return firstLine(error instanceof Error ? error.message : String(error))
  }
  return 'nothing'
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
