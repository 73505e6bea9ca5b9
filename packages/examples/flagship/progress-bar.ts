import type { Progress } from './ledger.ts'

const WIDTH = 28
const LINE_EVERY_MS = 1_000
const DRAW_EVERY_MS = 100

export interface ProgressSource {
  readonly progress: Progress
  readonly isComplete: boolean
}

/** A bar on a terminal, a line a second elsewhere. `note` adds what is special about this run. Returns what ends it. */
export function showProgress(source: ProgressSource, out: NodeJS.WriteStream, note: () => string = () => ''): () => void {
  const draw = out.isTTY
    ? () => out.write(`\r\x1b[2K${cutTo(lineOf(source, note(), true), out.columns - 1)}`)
    : () => out.write(`${lineOf(source, note(), false)}\n`)
  const timer = setInterval(draw, out.isTTY ? DRAW_EVERY_MS : LINE_EVERY_MS)
  return () => {
    clearInterval(timer)
    draw()
    if (out.isTTY) out.write('\n')
  }
}

function lineOf({ progress, isComplete }: ProgressSource, note: string, withBar: boolean): string {
  const { found, indexed, bytesIndexed, skipped, state } = progress
  // While the walk goes on, nobody knows the whole: the bar then shows how far behind the indexing is.
  const part = isComplete || found === 0 ? Number(isComplete) : indexed / found
  const bar = `[${'█'.repeat(Math.floor(part * WIDTH)).padEnd(WIDTH, '·')}] `
  const percent = `${Math.floor(part * 100)}%`.padStart(4)
  return `${withBar ? bar : ''}${percent}  ${indexed}/${found} files  ${megabytes(bytesIndexed)}  ${skipped} skipped  ${state}${note}`
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function cutTo(line: string, width: number): string {
  return width > 0 && line.length > width ? line.slice(0, width) : line
}

/** A file's name or text must not command the terminal: control characters, and marks that turn the writing direction, become dots. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '·')
}
