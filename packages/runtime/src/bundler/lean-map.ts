// A bundle's source map is read by Node whenever an isolate loads it, before anything is wrong. Of packages it keeps one place
// for each of their lines; of the user's own modules it keeps all.

export interface SourceMap {
  readonly sources: readonly string[]
  readonly mappings: string
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]))

/** The numbers of one segment (`AAgBC`): variable length, base 64, five bits a digit, the sign in the lowest. */
function numbersIn(segment: string): number[] {
  const numbers: number[] = []
  let value = 0
  let shift = 0
  for (const digit of segment) {
    const bits = VALUES.get(digit)!
    value |= (bits & 31) << shift
    shift += 5
    if ((bits & 32) !== 0) continue
    numbers.push((value & 1) === 1 ? -(value >>> 1) : value >>> 1)
    value = 0
    shift = 0
  }
  return numbers
}

function textOf(number: number): string {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1
  let text = ''
  do {
    const bits = rest & 31
    rest >>>= 5
    text += DIGITS[rest > 0 ? bits | 32 : bits]
  } while (rest > 0)
  return text
}

/** Four counters of the format, each relative to the segment before: column here; source, line and column there. */
interface Place {
  column: number
  source: number
  line: number
  sourceColumn: number
}

/**
 * @param isFine which sources keep every place
 * @param linesBefore how many lines are put in front of the code
 * @returns the same map with fewer places, and without names
 */
export function leanMap(map: SourceMap, isFine: (source: number) => boolean, linesBefore: number): SourceMap {
  const read: Place = { column: 0, source: 0, line: 0, sourceColumn: 0 }
  const written: Place = { ...read }
  const fine = map.sources.map((_, source) => isFine(source))
  let last = { source: -1, line: -1 }
  const lines = map.mappings.split(';').map((line) => {
    read.column = 0
    written.column = 0
    const kept: string[] = []
    for (const segment of line === '' ? [] : line.split(',')) {
      const [column = 0, source, sourceLine = 0, sourceColumn = 0] = numbersIn(segment)
      read.column += column
      if (source === undefined) continue
      read.source += source
      read.line += sourceLine
      read.sourceColumn += sourceColumn
      if (!fine[read.source] && kept.length > 0 && last.source === read.source && last.line === read.line) continue
      last = { source: read.source, line: read.line }
      kept.push(difference(read, written))
      Object.assign(written, read)
    }
    return kept.join(',')
  })
  return { ...map, mappings: ';'.repeat(linesBefore) + lines.join(';') }
}

function difference(to: Place, from: Place): string {
  return (
    textOf(to.column - from.column) +
    textOf(to.source - from.source) +
    textOf(to.line - from.line) +
    textOf(to.sourceColumn - from.sourceColumn)
  )
}
