import { parseArgs } from 'node:util'

export const USAGE = `usage: npm start -- [FOLDER] [--once QUERY] [--chaos] [--port NUMBER]

  FOLDER        what to index. Default: the dependency tree of this workspace
  --once QUERY  index, print the ten best hits and a summary, and end
  --chaos       kill a random actor every 250 ms while indexing, then compare with an index built in peace
  --port NUMBER where to serve. Default: 3000, or any free port when that is taken`

export interface CommandLine {
  readonly folder: string | undefined
  readonly once: string | undefined
  readonly chaos: boolean
  /** undefined: 3000 or any other. 0: any. */
  readonly port: number | undefined
  readonly help: boolean
}

/** What the person typed cannot be meant. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args)
  if (positionals.length > 1) throw new UsageError(`one folder only, and these are ${positionals.length}: ${positionals.join(', ')}`)
  if (values.once?.trim() === '') throw new UsageError('--once needs a query: --once "promise"')
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new UsageError(`--port must be a number from 0 to 65535, and is ${values.port}`)
  }
  return { folder: positionals[0], once: values.once, chaos: values.chaos ?? false, port, help: values.help ?? false }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { once: { type: 'string' }, chaos: { type: 'boolean' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
