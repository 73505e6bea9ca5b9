import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { backoffCases } from './backoff-cases.ts'
import { staticCases } from './decision-cases.ts'
import { dynamicCases } from './dynamic-cases.ts'
import { specChangeCases } from './spec-change-cases.ts'

const STATUSES = ['ported', 'adapted', 'not applicable', 'needs isolates: pending']
/** The numbers of the cases of OTP's suite that are known to us, with the gaps that they have. */
const KNOWN = '1-20 22-28 30-33 35 37-39 42 44-54 57-58 61 64-72 74-77 79 83-86 88-90 92-93'

const folder = new URL('./', import.meta.url)
const tests = readdirSync(folder).filter((file) => file.endsWith('.test.ts'))
const sources = tests.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n')
const names = [...staticCases, ...dynamicCases, ...specChangeCases, ...backoffCases].map(({ name }) => name)
const table = readFileSync(new URL('otp-cases.md', folder), 'utf8').split('## Supervisor')[1]!
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| case'))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| |\|$/g, '').trim()))

test('no case of OTP’s suite is missing, and each has a status', () => {
  const numbers = rows.map(([name]) => Number.parseInt(name!, 10)).filter((number) => !Number.isNaN(number))
  const wanted = KNOWN.split(' ').flatMap((range) => {
    const [from, to] = range.split('-').map(Number) as [number, number?]
    return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i)
  })
  expect(numbers).toEqual(wanted)
  expect(rows.filter(([, status]) => !STATUSES.includes(status!))).toEqual([])
})

test('every test that the list of OTP’s cases names exists; what is ported or adapted names one', () => {
  const quoted = rows.flatMap(([, status, where]) =>
    status === 'not applicable' ? [] : [...where!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  )
  const words = ['normal', 'ignore', 'specs', 'never', 'notFound', 'supervisorStopped', 'Terminated', 'gone, and the name is free']
  const unknown = quoted.filter(
    (name) => !words.includes(name) && !names.some((known) => known.startsWith(name)) && !sources.includes(name),
  )
  expect(unknown).toEqual([])
  const bare = rows.filter(([, status, where]) => (status === 'ported' || status === 'adapted') && !where!.includes('`'))
  expect(bare).toEqual([])
})
