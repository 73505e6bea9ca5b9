import { expect, test } from 'vitest'
import { chartOf } from '../bench/chart.ts'
import { chosenRows, PLANS, parseCommandLine } from '../bench/command-line.ts'
import { Times } from '../bench/drive.mjs'
import { digits, failuresOf, peersOf, type Rounds, ratioOf, rowResult, spreadOf, tableOf, writtenRow } from '../bench/report.ts'
import type { RowSpec } from '../bench/row.ts'

const RATE: RowSpec = { id: 'a.rate', title: '', unit: 'asks/s', better: 'higher', target: { against: ['x', 'y'], atLeast: 8 } }
const LATENCY: RowSpec = { id: 'a.p50', title: '', unit: 'µs', better: 'lower', target: { against: ['raw'], atLeast: 15 } }

function rounds(name: string, id: string, values: readonly number[]): Rounds {
  return { name, samples: values.map((value) => ({ values: { [id]: value }, cpuMicros: value / 2 })) }
}

test('the value of a row is the median of its rounds, and the spread is shown', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 })
  expect(spreadOf([])).toBeUndefined()
})

test('a ratio above 1 is better for us, whatever the unit', () => {
  expect(ratioOf(200, 100, 'higher')).toBe(2)
  expect(ratioOf(2, 100, 'lower')).toBe(50)
})

test('a row compares with the best of the peers that its target names, not with others', () => {
  const all = [
    rounds('Troupe', 'a.rate', [700, 900, 800]),
    rounds('x', 'a.rate', [50]),
    rounds('y', 'a.rate', [100]),
    rounds('z', 'a.rate', [9_999]),
  ]
  const result = rowResult(RATE, all)
  expect(result).toMatchObject({ troupe: 800, peers: { x: 50, y: 100, z: 9_999 }, against: 'y', ratio: 8, isMet: true })
  expect(result.rounds['Troupe']).toEqual([700, 900, 800])
  expect(result.cpuMicros).toMatchObject({ Troupe: 400, y: 50 })
})

test('the best latency is the lowest, and a target that is missed is said to be', () => {
  const best = rowResult({ ...LATENCY, target: { against: ['raw', 'x'], atLeast: 15 } }, [
    rounds('Troupe', 'a.p50', [2]),
    rounds('raw', 'a.p50', [29]),
    rounds('x', 'a.p50', [90]),
  ])
  expect(best).toMatchObject({ against: 'raw', ratio: 14.5, isMet: false })
})

test('a bound holds for our own value', () => {
  const idle: RowSpec = { id: 'idle', title: '', unit: '%', better: 'lower', target: { atMost: 0.5 } }
  expect(rowResult(idle, [rounds('Troupe', 'idle', [0.4]), rounds('raw', 'idle', [0.1])])).toMatchObject({ isMet: true, ratio: 0.25 })
  expect(rowResult(idle, [rounds('Troupe', 'idle', [0.6])])).toMatchObject({ isMet: false, ratio: undefined })
})

test('a row is met only if its further conditions are', () => {
  const row: RowSpec = { ...LATENCY, checks: [{ name: 'share', atLeast: 0.5 }] }
  const withShare = (share: number): Rounds[] => [
    { name: 'Troupe', samples: [{ values: { 'a.p50': 1 }, checks: { share } }] },
    rounds('raw', 'a.p50', [20]),
  ]
  expect(rowResult(row, withShare(0.7))).toMatchObject({ isMet: true, checks: [{ name: 'share', value: 0.7, isMet: true }] })
  expect(rowResult(row, withShare(0.3))).toMatchObject({ isMet: false, checks: [{ isMet: false }] })
})

test('what could not be measured is no verdict, and the reason is printed', () => {
  const failed = rowResult(LATENCY, [
    { name: 'Troupe', samples: [], failure: 'no thread' },
    { name: 'raw', samples: [] },
  ])
  expect(failed).toMatchObject({ troupe: undefined, ratio: undefined, isMet: undefined })
  expect(failuresOf([failed])).toBe('a.p50: Troupe: no thread')
  expect(rowResult(LATENCY, [], 'no taskset')).toMatchObject({ skipped: 'no taskset', isMet: undefined })
})

test('each row is written with all its fields, those without a value too', () => {
  const fields = { id: 'idle', unit: '%', better: 'lower', troupe: 0.6, peers: {}, ratio: null, against: null, isMet: false }
  const idle: RowSpec = { id: 'idle', title: '', unit: '%', better: 'lower', target: { atMost: 0.5 } }
  const row = rowResult(idle, [rounds('Troupe', 'idle', [0.6])])
  expect(JSON.parse(JSON.stringify(writtenRow(row)))).toMatchObject(fields)
  expect(JSON.parse(JSON.stringify(writtenRow(rowResult(LATENCY, [], 'no taskset'))))).toMatchObject({ troupe: null, isMet: null })
})

test('the table has a line for each row, one for each further condition, and names who was better', () => {
  const row: RowSpec = { ...RATE, checks: [{ name: 'share', atLeast: 0.5 }] }
  const result = rowResult(row, [
    { name: 'Troupe', samples: [{ values: { 'a.rate': 1_234_567 }, checks: { share: 0.25 } }] },
    rounds('x', 'a.rate', [100_000]),
    rounds('y', 'a.rate', [90_000, 110_000, 130_000]),
  ])
  const skipped = rowResult(LATENCY, [], 'no taskset')
  const lines = tableOf([result, skipped]).split('\n')
  expect(lines).toHaveLength(5)
  expect(lines[2]).toMatch(/a\.rate +asks\/s +1,234,567 \(.*\) +y 110,000 \(90,000–130,000\) +11\.2× +≥ 8× +NO/)
  expect(lines[3]).toMatch(/share +0\.25 +≥ 0\.5 +NO/)
  expect(lines[4]).toContain('skipped: no taskset')
  expect(peersOf([result])).toBe('a.rate, asks/s: Troupe 1,234,567 · x 100,000 · y 110,000')
})

test('figures have three digits that count', () => {
  expect([0.123456, 12.345, 999, 1_000.4, 1_234_567, Number.NaN].map(digits)).toEqual(['0.123', '12.3', '999', '1,000', '1,234,567', '–'])
})

test('the command line: rows, --quick, --json; what is unknown is refused', () => {
  expect(parseCommandLine([])).toEqual({ rows: [], jsonFile: undefined, plan: PLANS.full, planName: 'full' })
  expect(parseCommandLine(['--json', 'out.json', 'ask', '--quick'])).toMatchObject({
    rows: ['ask'],
    jsonFile: 'out.json',
    planName: 'quick',
  })
  expect(parseCommandLine(['--quick'], true).planName).toBe('smoke')
  expect(() => parseCommandLine(['--json'])).toThrow('--json needs a file')
  expect(() => parseCommandLine(['--fast'])).toThrow('unknown option --fast')
})

test('rows are chosen by id or by its beginning', () => {
  const ids = ['ask.sequential.p50', 'ask.sequential.p99', 'asksync.p50', 'tell.host']
  expect([...chosenRows(ids, [])]).toEqual(ids)
  expect([...chosenRows(ids, ['ask'])]).toEqual(['ask.sequential.p50', 'ask.sequential.p99'])
  expect([...chosenRows(ids, ['tell.host', 'ask.sequential.p99'])]).toEqual(['tell.host', 'ask.sequential.p99'])
  expect(() => chosenRows(ids, ['tel'])).toThrow('there is no row "tel"')
})

test('percentiles are of single calls, in microseconds', () => {
  const times = new Times()
  for (let i = 10_000; i > 0; i--) times.add(i / 1_000)
  expect(times.summary()).toEqual({ calls: 10_000, p50Micros: 5_001, p99Micros: 9_901 })
})

test('the chart has a bar for each row with a ratio, to the right of the line when Troupe is better', () => {
  const better = rowResult(LATENCY, [rounds('Troupe', 'a.p50', [2]), rounds('raw', 'a.p50', [40])])
  const worse = rowResult(RATE, [rounds('Troupe', 'a.rate', [50]), rounds('x', 'a.rate', [100])])
  const chart = chartOf([better, worse, rowResult(LATENCY, [], 'no taskset')], 'a < b')
  expect(chart).toContain('<title>a &lt; b</title>')
  const bars = [...chart.matchAll(/<rect class="(\w+)" x="([\d.]+)".* width="([\d.]+)"/g)].map(([, name, x, width]) => [
    name,
    Number(x),
    Number(width),
  ])
  expect(bars.map(([name]) => name)).toEqual(['better', 'worse'])
  const one = Number(/class="one" x1="([\d.]+)"/.exec(chart)![1])
  expect(bars[0]![1]).toBe(one)
  expect((bars[1]![1] as number) + (bars[1]![2] as number)).toBeCloseTo(one, 0)
})
