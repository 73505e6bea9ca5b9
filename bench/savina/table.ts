import { digits } from '../report.ts'
import type { Performance } from './perform.ts'
import type { SizeName } from './program.ts'
import { type Entry, isRun } from './suite.ts'

/** One line of the table: what was run, or why it was not. */
export interface Line {
  readonly name: string
  readonly paper: string
  readonly ours: string
  readonly performance?: Performance
  readonly waitsFor?: string
  readonly failure?: string
}

/** `{ numbers: 20_000, primesEach: 500 }` is read as "numbers 20,000, primes each 500". */
export function sizeText(size: object): string {
  const words = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return Object.entries(size)
    .map(([key, value]) => `${words(key)} ${digits(value)}`)
    .join(', ')
}

export function lineOf(entry: Entry, sizeName: SizeName, outcome?: Performance | Error): Line {
  const { name, paper } = entry
  if (!isRun(entry)) return { name, paper, ours: '', waitsFor: entry.waitsFor }
  const ours = sizeText(entry.sizes[sizeName])
  return outcome instanceof Error
    ? { name, paper, ours, failure: outcome.message }
    : { name, paper, ours, ...(outcome && { performance: outcome }) }
}

const COLUMNS = ['program', 'actors', 'messages', 'ms', 'messages/s', 'verified', 'ours', "the paper's"] as const

export function savinaTable(lines: readonly Line[]): string {
  const cells = lines.map(cellsOf)
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)))
  const format = (line: readonly string[]): string =>
    line
      .map((cell, i) => (i >= 1 && i <= 4 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  return [format(COLUMNS), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.map(format)].join('\n')
}

function cellsOf({ name, paper, ours, performance, waitsFor, failure }: Line): string[] {
  if (performance === undefined) return [name, '–', '–', '–', '–', failure === undefined ? '–' : 'NO', waitsFor ?? failure ?? ours, paper]
  const { actors, messages, ms, isVerified } = performance
  return [name, digits(actors), digits(messages), digits(ms), digits(messages / (ms / 1_000)), isVerified ? 'yes' : 'NO', ours, paper]
}
