// From samples to a verdict. Nothing here measures anything.
import { TROUPE } from './contender.ts'
import type { Better, RowSpec, Sample } from './row.ts'

/** One contender's rounds of one experiment; or why it has none. */
export interface Rounds {
  readonly name: string
  readonly samples: readonly Sample[]
  readonly failure?: string
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface CheckResult {
  readonly name: string
  readonly value: number
  readonly target: string
  readonly isMet: boolean
}

export interface RowResult {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly better: Better
  /** Medians over the rounds. */
  readonly troupe: number | undefined
  readonly peers: Readonly<Record<string, number>>
  /** Ours against the best of those that the target names: above 1 is better for us, whatever the unit. */
  readonly ratio: number | undefined
  readonly against: string | undefined
  readonly target: string
  readonly isMet: boolean | undefined
  readonly checks: readonly CheckResult[]
  /** By contender: every round's value, and processor time per operation. */
  readonly rounds: Readonly<Record<string, readonly number[]>>
  readonly cpuMicros: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, string>>
  readonly skipped?: string
}

/** As it is written to a file: what is not known, or has nobody to compare with, is null and not missing. */
export function writtenRow(row: RowResult): object {
  const { troupe = null, ratio = null, against = null, isMet = null } = row as Partial<RowResult>
  return { ...row, troupe, ratio, against, isMet }
}

export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

export function ratioOf(ours: number, theirs: number, better: Better): number {
  return better === 'higher' ? ours / theirs : theirs / ours
}

function present<T>(entries: readonly (readonly [string, T | undefined])[]): Record<string, T> {
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, T] => entry[1] !== undefined))
}

function bestOf(names: readonly string[], peers: Readonly<Record<string, number>>, better: Better): string | undefined {
  const known = names.filter((name) => peers[name] !== undefined)
  return known.sort((a, b) => ratioOf(peers[b]!, peers[a]!, better) - 1)[0]
}

export function rowResult(row: RowSpec, all: readonly Rounds[], skipped?: string): RowResult {
  const valuesOf = ({ samples }: Rounds): number[] => samples.map(({ values }) => values[row.id]!).filter((value) => value !== undefined)
  const medians = present(all.map((rounds) => [rounds.name, spreadOf(valuesOf(rounds))?.median] as const))
  const { [TROUPE]: troupe, ...peers } = medians
  const names = 'against' in row.target ? row.target.against : Object.keys(peers)
  const against = bestOf(names, peers, row.better)
  const ratio = troupe === undefined || against === undefined ? undefined : ratioOf(troupe, peers[against]!, row.better)
  const checks = checksOf(row, all.find(({ name }) => name === TROUPE)?.samples ?? [])
  const isValueMet = isTargetMet(row, troupe, ratio)
  return {
    id: row.id,
    title: row.title,
    unit: row.unit,
    better: row.better,
    troupe,
    peers,
    ratio,
    against,
    target: 'atMost' in row.target ? `≤ ${row.target.atMost} ${row.unit}` : `≥ ${row.target.atLeast}×`,
    isMet: isValueMet === undefined ? undefined : isValueMet && checks.every(({ isMet }) => isMet),
    checks,
    rounds: Object.fromEntries(all.map((rounds) => [rounds.name, valuesOf(rounds)])),
    cpuMicros: present(
      all.map(({ name, samples }) => [name, spreadOf(samples.flatMap((sample) => sample.cpuMicros ?? []))?.median] as const),
    ),
    failures: present(all.map(({ name, failure }) => [name, failure] as const)),
    ...(skipped === undefined ? {} : { skipped }),
  }
}

function isTargetMet({ target }: RowSpec, troupe: number | undefined, ratio: number | undefined): boolean | undefined {
  if ('atMost' in target) return troupe === undefined ? undefined : troupe <= target.atMost
  return ratio === undefined ? undefined : ratio >= target.atLeast
}

function checksOf(row: RowSpec, samples: readonly Sample[]): CheckResult[] {
  return (row.checks ?? []).flatMap(({ name, atLeast, atMost }) => {
    const value = spreadOf(samples.flatMap((sample) => sample.checks?.[name] ?? []))?.median
    if (value === undefined) return []
    const isMet = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
    return [{ name, value, target: atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`, isMet }]
  })
}

const COLUMNS = ['row', 'unit', 'Troupe (min–max)', 'against (min–max)', 'ratio', 'target', 'met', 'CPU µs/op', 'theirs'] as const

/** The table: one line per row, and one below it for each further condition. */
export function tableOf(rows: readonly RowResult[]): string {
  const cells = rows.flatMap((row) => [lineOf(row), ...row.checks.map(checkLine)])
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)))
  const format = (line: readonly string[]): string =>
    line
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  return [format(COLUMNS), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.map(format)].join('\n')
}

function lineOf(row: RowResult): string[] {
  const { against } = row
  const theirs = against === undefined ? '–' : `${against} ${withSpread(row, against)}`
  return [
    row.id,
    row.unit,
    withSpread(row, TROUPE),
    theirs,
    row.ratio === undefined ? '–' : `${digits(row.ratio)}×`,
    row.target,
    row.skipped === undefined ? verdict(row.isMet) : `skipped: ${row.skipped}`,
    cpu(row, TROUPE),
    against === undefined ? '–' : cpu(row, against),
  ]
}

function checkLine({ name, value, target, isMet }: CheckResult): string[] {
  return [`  ${name}`, '', digits(value), '', '', target, verdict(isMet), '', '']
}

function cpu({ cpuMicros }: RowResult, name: string): string {
  return cpuMicros[name] === undefined ? '–' : digits(cpuMicros[name])
}

function verdict(isMet: boolean | undefined): string {
  return isMet === undefined ? '–' : isMet ? 'yes' : 'NO'
}

function withSpread({ rounds }: RowResult, name: string): string {
  const spread = spreadOf(rounds[name] ?? [])
  return spread === undefined ? '–' : `${digits(spread.median)} (${digits(spread.min)}–${digits(spread.max)})`
}

/** Three digits that count, and thousands apart. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}

/** All contenders of the rows that compare with more than one: the table above names the best only. */
export function peersOf(rows: readonly RowResult[]): string {
  return rows
    .filter(({ peers }) => Object.keys(peers).length > 1)
    .map(({ id, unit, peers, troupe }) => {
      const all = Object.entries({ ...(troupe === undefined ? {} : { [TROUPE]: troupe }), ...peers })
      return `${id}, ${unit}: ${all.map(([name, value]) => `${name} ${digits(value)}`).join(' · ')}`
    })
    .join('\n')
}

/** What failed or could not be measured is said, once per contender and reason. */
export function failuresOf(rows: readonly RowResult[]): string {
  const lines = rows.flatMap(({ id, failures }) => Object.entries(failures).map(([name, text]) => `${id}: ${name}: ${text}`))
  return [...new Set(lines)].join('\n')
}
