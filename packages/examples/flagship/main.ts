import { once } from 'node:events'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Casualties, KILL_EVERY_MS, killAtRandom, noCasualties } from './chaos.ts'
import { type CommandLine, parseCommandLine, USAGE, UsageError } from './command-line.ts'
import { IndexService, type IndexSummary } from './index-service.ts'
import { showProgress } from './progress-bar.ts'
import { casualtyLines, comparisonLines, hitLines, skipLines, summaryLine } from './report.ts'
import { FolderError } from './scan.ts'
import { createServer } from './server.ts'

/**
 * What the install has put there: thousands of files that nobody here wrote. Tools keep caches beside it in node_modules,
 * which change from run to run.
 */
const DEFAULT_FOLDER = join(import.meta.dirname, '../../../node_modules/.pnpm')
const DEFAULT_PORT = 3_000
const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** The service, not the library, decides what a signal means: the first drains in order, the second ends at once. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(EXIT.interrupted)
      print('', `${signal}: draining; once more to end at once`)
      stopping.abort()
    })
  }
  return stopping.signal
}

async function main(command: CommandLine, signal: AbortSignal): Promise<number> {
  const folder = command.folder ?? DEFAULT_FOLDER
  if (command.chaos) return await runChaos(folder, command, signal)
  const service = await IndexService.start({ folder })
  return command.once === undefined ? await serve(service, command.port, signal) : await runOnce(service, command.once, signal)
}

/** Index, search, say what there was, end. */
async function runOnce(service: IndexService, query: string, signal: AbortSignal): Promise<number> {
  try {
    if (!(await untilComplete(service, signal))) return EXIT.interrupted
    await reportIndex(service)
    print(...hitLines(await service.search(query), process.stdout.isTTY))
    return EXIT.ok
  } finally {
    await service.stop()
  }
}

/** Serves from the first moment on; the address comes when the index is complete, or at once where nobody watches a bar. */
async function serve(service: IndexService, port: number | undefined, signal: AbortSignal): Promise<number> {
  const app = createServer(service)
  try {
    const address = await listen(app, port)
    print(`serving while indexing: ${address}`)
    if (await untilComplete(service, signal)) {
      await reportIndex(service)
      print('', `open ${address}   (Ctrl-C drains and ends)`)
      // A supervisor that gives up ends the system, and then the service.
      await Promise.race([untilAborted(signal), service.system.closed])
    }
    return EXIT.ok
  } finally {
    // In order: no new requests, the open ones answered, then the actors.
    await app.close()
    await service.stop()
    print('drained')
  }
}

async function runChaos(folder: string, { once: query, port }: CommandLine, signal: AbortSignal): Promise<number> {
  print(`chaos: a kill every ${KILL_EVERY_MS} ms, each actor once per round; indexing is not slowed down for it.`)
  const casualties = noCasualties()
  const service = await IndexService.start({ folder, chaos: true })
  const app = query === undefined ? createServer(service) : undefined
  let chaos: IndexSummary
  try {
    if (app !== undefined) print(`watch it: ${await listen(app, port)}`)
    const killing = killAtRandom(service, query ?? 'promise', signal, casualties)
    if (!(await untilComplete(service, signal, casualties, killing))) return EXIT.interrupted
    chaos = await reportIndex(service)
    if (query !== undefined) print(...hitLines(await service.search(query), process.stdout.isTTY))
  } finally {
    await app?.close()
    await service.stop()
  }
  print('', 'the same folder without kills:')
  const calm = await indexInPeace(folder, signal)
  if (calm === undefined) return EXIT.interrupted
  const isEqual = calm.documents === chaos.documents && calm.checksum === chaos.checksum
  print('', ...casualtyLines(casualties), ...comparisonLines(chaos, calm))
  return isEqual ? EXIT.ok : EXIT.failed
}

async function indexInPeace(folder: string, signal: AbortSignal): Promise<IndexSummary | undefined> {
  const service = await IndexService.start({ folder })
  try {
    return (await untilComplete(service, signal)) ? await reportIndex(service) : undefined
  } finally {
    await service.stop()
  }
}

/** False when somebody pressed Ctrl-C before. With kills going on, "complete" means complete after the last one. */
async function untilComplete(
  service: IndexService,
  signal: AbortSignal,
  casualties?: Casualties,
  killing = Promise.resolve(),
): Promise<boolean> {
  const hide = showProgress(service, process.stdout, () => (casualties === undefined ? '' : `  ${casualties.kills} kills`))
  try {
    await killing
    return await service.untilComplete(signal)
  } finally {
    hide()
  }
}

async function reportIndex(service: IndexService): Promise<IndexSummary> {
  const summary = await service.summary()
  print(...skipLines(await service.skips()), await summaryLine(service, summary))
  if (summary.documents === 0) print(`there is no text file in ${service.root}`)
  return summary
}

async function listen(app: FastifyInstance, port: number | undefined): Promise<string> {
  try {
    return await app.listen({ port: port ?? DEFAULT_PORT, host: '127.0.0.1' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    if (port !== undefined) throw new UsageError(`port ${port} is in use: choose another with --port, or leave it out`)
    return await app.listen({ port: 0, host: '127.0.0.1' })
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

function print(...lines: string[]): void {
  for (const line of lines) console.log(line)
}

/** What the person did has a line; what we did has a stack. */
function fail(error: unknown): void {
  const isClear = error instanceof FolderError || error instanceof UsageError
  console.error(isClear ? error.message : error)
  if (error instanceof UsageError) console.error(USAGE)
  process.exitCode = isClear ? EXIT.usage : EXIT.failed
}

try {
  const command = parseCommandLine(process.argv.slice(2))
  if (command.help) print(USAGE)
  else process.exitCode = await main(command, stopOnSignals())
} catch (error) {
  fail(error)
}
