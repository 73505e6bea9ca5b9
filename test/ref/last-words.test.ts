import { expect, test } from 'vitest'
import { RemoteError } from '../../packages/runtime/src/base/errors.ts'
import { describeExit, type ExitReason } from '../../packages/runtime/src/base/exit-reason.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { closeSeat, openSeat } from '../../packages/runtime/src/queue/seat.ts'
import { lastWordsOf, leaveLastWords } from '../../packages/runtime/src/ref/last-words.ts'

/** What others find at the address of an actor that has ended with that reason. */
function told(reason: ExitReason): ExitReason | undefined {
  const arena = Arena.create(4, 1024 * 1024)
  const generation = openSeat(arena, 2)
  leaveLastWords(arena, 2, reason)
  closeSeat(arena, 2, generation)
  return lastWordsOf(arena, { seat: 2, generation })
}

test('last words: the reason of an ended address is found in its seat, also one with an error, and one of another', () => {
  const hung = { kind: 'hung', method: 'spin', ageMs: 60_010, frames: ['spin (file:///shop/rate.ts:3:5)'] } as const
  for (const reason of [{ kind: 'shutdown' }, { kind: 'exit', code: 7 }, hung, { kind: 'unkillable', reason: hung }] as const)
    expect(told(reason)).toEqual(reason)
  const failed = told({ kind: 'linked', path: '/db', reason: { kind: 'error', error: new TypeError('no pool') } })
  expect(describeExit(failed!)).toBe('linked to /db, which ended: error: TypeError: no pool')
  expect((failed as { reason: { error: unknown } }).reason.error).toBeInstanceOf(RemoteError)
})

test('last words: a long one is cut, and what cannot be cut is unknown', () => {
  const long = told({ kind: 'error', error: new Error('ä'.repeat(10_000)) })
  expect(describeExit(long!)).toMatch(/^error: Error: ä{50,}$/)
  const nested = Array.from({ length: 20 }).reduce<ExitReason>((reason) => ({ kind: 'unkillable', reason }), { kind: 'killed' })
  expect(told(nested)).toEqual({ kind: 'unknown' })
})

test('last words: none of who lives, nor when somebody else has the seat', () => {
  const arena = Arena.create(4, 1024 * 1024)
  const generation = openSeat(arena, 2)
  leaveLastWords(arena, 2, { kind: 'killed' })
  expect(lastWordsOf(arena, { seat: 2, generation })).toBeUndefined()
  closeSeat(arena, 2, generation)
  expect(lastWordsOf(arena, { seat: 2, generation })).toEqual({ kind: 'killed' })
  openSeat(arena, 2)
  expect(lastWordsOf(arena, { seat: 2, generation })).toBeUndefined()
})
