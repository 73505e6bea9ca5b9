// The ratios of one run as a picture: one bar per row on a logarithmic scale, readable on light and dark pages.
import { digits, type RowResult } from './report.ts'

const ROW_HEIGHT = 26
const TOP = 34
const LABELS = 150
const BARS = 430
const TEXTS = 300

type Charted = RowResult & { readonly ratio: number; readonly against: string }

const STYLE = `
  text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #1f2328 }
  .soft { fill: #59636e }
  .grid { stroke: #d1d9e0 }
  .one { stroke: #59636e }
  .better { fill: #1a7f37 }
  .worse { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .soft { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .one { stroke: #9198a1 }
    .better { fill: #3fb950 }
    .worse { fill: #f0883e }
  }`

/** Rows without a ratio are left out. `title`: on which machine, and when. */
export function chartOf(results: readonly RowResult[], title: string): string {
  const rows = results.filter((row): row is Charted => row.ratio !== undefined && row.ratio > 0 && row.against !== undefined)
  const ratios = rows.map(({ ratio }) => ratio)
  const from = Math.floor(Math.log10(Math.min(1, ...ratios)))
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(1, ...ratios))))
  const x = (ratio: number): number => LABELS + ((Math.log10(ratio) - from) / (to - from)) * BARS
  const width = LABELS + BARS + TEXTS
  const height = TOP + rows.length * ROW_HEIGHT + 12
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    ...ticks.map((tick) => tickOf(tick, x(tick), height)),
    ...rows.map((row, i) => barOf(row, TOP + i * ROW_HEIGHT, x)),
    '</svg>\n',
  ].join('\n')
}

function tickOf(ratio: number, x: number, height: number): string {
  const at = x.toFixed(1)
  return [
    `<line class="${ratio === 1 ? 'one' : 'grid'}" x1="${at}" x2="${at}" y1="${TOP - 8}" y2="${height - 8}"/>`,
    `<text class="soft" x="${at}" y="${TOP - 16}" text-anchor="middle">${ratio === 1 ? 'equal' : `${digits(ratio)}×`}</text>`,
  ].join('')
}

function barOf({ id, ratio, against }: Charted, y: number, x: (ratio: number) => number): string {
  const [left, right] = ratio >= 1 ? [x(1), x(ratio)] : [x(ratio), x(1)]
  const middle = y + ROW_HEIGHT / 2 + 4
  return [
    `<text x="${LABELS - 10}" y="${middle}" text-anchor="end">${escaped(id)}</text>`,
    `<rect class="${ratio >= 1 ? 'better' : 'worse'}" x="${left.toFixed(1)}" y="${y + 4}" width="${Math.max(1, right - left).toFixed(1)}" height="${ROW_HEIGHT - 8}" rx="2"/>`,
    `<text x="${(Math.max(right, x(1)) + 8).toFixed(1)}" y="${middle}">${digits(ratio)}× <tspan class="soft">${escaped(against)}</tspan></text>`,
  ].join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
