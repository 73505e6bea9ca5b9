// npm run bench:savina [-- program …] [--quick] [--json FILE]: the programs of the Savina suite, each in a system of its own.
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { ActorSystem } from '@troupe/runtime'
import { parseCommandLine } from '../command-line.ts'
import { machine, versions } from '../machine.ts'
import { type Performance, perform } from './perform.ts'
import type { Program, SizeName } from './program.ts'
import { type Entry, isRun, SUITE } from './suite.ts'
import { type Line, lineOf, savinaTable } from './table.ts'

/** Of each program: the median is shown. All begin with isolates that have compiled nothing yet, so none of them is a warm-up. */
const ROUNDS: Readonly<Record<SizeName, number>> = { smoke: 1, quick: 1, full: 3 }

const { rows: names, planName: sizeName, jsonFile } = parseCommandLine(process.argv.slice(2), process.env['TROUPE_BENCH_QUICK'] === '1')
const load = loadavg()[0]!
const lines: Line[] = []
for (const entry of chosen(names)) {
  process.stderr.write(`${entry.name}\n`)
  lines.push(lineOf(entry, sizeName, isRun(entry) ? await measure(entry) : undefined))
}
print()
write(jsonFile ?? join(import.meta.dirname, '../results/savina.json'))
process.exitCode = lines.every(({ failure, performance }) => failure === undefined && performance?.isVerified !== false) ? 0 : 1

/** Those whose names contain one of the words; all when there is none. */
function chosen(words: readonly string[]): readonly Entry[] {
  const found = SUITE.filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())))
  if (found.length === 0)
    throw new Error(`no program is called ${words.join(' or ')}. There are: ${SUITE.map(({ name }) => name).join(', ')}`)
  return found
}

async function measure(program: Program): Promise<Performance | Error> {
  const rounds: Performance[] = []
  try {
    for (let i = 0; i < ROUNDS[sizeName]; i++) {
      const system = await ActorSystem.start({ name: 'savina' })
      try {
        rounds.push(await perform(system, program, sizeName))
      } finally {
        await system.stop()
      }
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
  // What came out wrong once is not right by the median.
  return rounds.find(({ isVerified }) => !isVerified) ?? rounds.sort((a, b) => a.ms - b.ms)[rounds.length >> 1]!
}

function print(): void {
  const { cpu, cores } = machine()
  console.log(`\nNode ${process.versions.node}, ${cpu}, ${cores} cores, load before the run ${load.toFixed(1)}, size "${sizeName}"`)
  console.log(`\n${savinaTable(lines)}\n`)
  console.log('Each actor is an isolate with a thread of its own, so there are tens of them where the paper has hundreds or thousands.')
}

function write(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const result = {
    bench: 'savina',
    node: process.versions.node,
    ...machine(),
    load,
    size: sizeName,
    at: new Date().toISOString(),
    versions: versions(),
    programs: lines,
  }
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`)
  console.log(`\nwritten to ${file}`)
}
