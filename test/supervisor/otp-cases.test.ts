import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { backoffCases } from './backoff-cases.ts'
import { staticCases } from './decision-cases.ts'
import { dynamicCases } from './dynamic-cases.ts'
import { specChangeCases } from './spec-change-cases.ts'

const STATUSES = ['ported', 'adapted', 'not applicable']
/** The numbers of the cases of OTP's supervisor suite that are known to us, with the gaps that they have. */
const KNOWN = '1-20 22-28 30-33 35 37-39 42 44-54 57-58 61 64-72 74-77 79 83-86 88-90 92-93'
/** Its suites of gen_server, and the two short lists: every name that stands in them. */
const OTHERS = `start stop1 start_event_timeout start_event_timeout_zero handle_event_timeout handle_event_timeout_zero
  handle_event_timeout_plain loop_start_fail crash call send_request send_request_receive_reqid_collection
  send_request_wait_reqid_collection send_request_check_reqid_collection cast cast_fast info abcast continue multi_call call_remote1
  call_remote_n1 calling_self spec_init otp_5854 otp_7669 hibernate auto_hibernate format_status get_state replace_state
  call_with_huge_message_queue undef_handle_call undef_handle_cast undef_handle_continue undef_handle_info undef_terminate1
  undef_in_terminate undef_in_handle_info format_log_1 format_log_2 format_log_with_process_label reply_by_alias_with_payload
  stop_and_reply event_order shutdown sys enter_loop sync_start_nolink sync_start_link init_dont_hang spawn_opt otp_6345 t_format`

const root = new URL('../', import.meta.url)
const folders = ['supervisor/', 'behaviour/', 'simulation/']
const tests = folders.flatMap((folder) => readdirSync(new URL(folder, root)).map((file) => new URL(folder + file, root)))
const sources = tests.filter(({ pathname }) => pathname.endsWith('.test.ts')).map((file) => readFileSync(file, 'utf8'))
const names = [...staticCases, ...dynamicCases, ...specChangeCases, ...backoffCases].map(({ name }) => name)
const table = readFileSync(new URL('supervisor/otp-cases.md', root), 'utf8').split('## Supervisor')[1]!
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| case'))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| |\|$/g, '').trim()))

test('no case of OTP’s suites is missing, and each has a status', () => {
  const numbers = rows.map(([name]) => Number.parseInt(name!, 10)).filter((number) => !Number.isNaN(number))
  const wanted = KNOWN.split(' ').flatMap((range) => {
    const [from, to] = range.split('-').map(Number) as [number, number?]
    return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i)
  })
  expect(numbers).toEqual(wanted)
  const others = rows.map(([name]) => name!).filter((name) => /^(gen_server|gen_statem|proc_lib) /.test(name))
  const words = new Set(others.flatMap((name) => name.split(/[ ,]+/)))
  expect(OTHERS.split(/\s+/).filter((name) => !words.has(name))).toEqual([])
  expect(rows.length).toBe(numbers.length + others.length)
  expect(rows.filter(([, status]) => !STATUSES.includes(status!))).toEqual([])
})

test('every test that the list of OTP’s cases names exists; what is ported or adapted names one', () => {
  const unknown = rows
    .filter(([, status]) => status !== 'not applicable')
    .flatMap(([name, , where]) => {
      const quoted = [...where!.matchAll(/`([^`]+)`/g)].map(([, title]) => title!)
      const isThere = (title: string) => names.some((known) => known.startsWith(title)) || sources.some((source) => source.includes(title))
      return quoted.length === 0
        ? [`${name}: names no test`]
        : quoted.filter((title) => !isThere(title)).map((title) => `${name}: ${title}`)
    })
  expect(unknown).toEqual([])
})
