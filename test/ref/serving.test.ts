import { expect, test } from 'vitest'
import { SEAT_ASKS } from '../../packages/runtime/src/queue/layout.ts'
import { Serving } from '../../packages/runtime/src/ref/serving.ts'
import { newArena, OTHER, RECEIVER } from '../queue/rig.ts'

test('G8: what code of an actor asks that has ended takes nothing from the row of its successor', () => {
  const arena = newArena()
  const to = { path: '/other', seat: OTHER, generation: 1 }
  const shown = (): number => arena.words[arena.seatWord(RECEIVER, SEAT_ASKS)]!
  const ended = new Serving(arena, RECEIVER)
  ended.begin()
  ended.abandon()
  const successor = new Serving(arena, RECEIVER)
  successor.begin()
  successor.shown(7, to, 'get')
  const before = shown()
  expect(before).not.toBe(0)
  ended.shown(8, to, 'get')
  expect(shown()).toBe(before)
  ended.waits.end(8)
  expect(shown()).toBe(before)
})
