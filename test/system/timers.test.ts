import { expect, test } from 'vitest'
import { Timers } from '../../packages/runtime/src/actor/timers.ts'

/** Timers on a clock that goes on only when it is told to. `run`: as the actor does it, when it has nothing else to do. */
function scene() {
  let nowMs = 0
  const waiting = new Set<{ readonly atMs: number; readonly task: () => void }>()
  const ran: string[] = []
  let scheduled = 0
  const after = (delayMs: number, task: () => void): (() => void) => {
    const one = { atMs: nowMs + delayMs, task }
    waiting.add(one)
    return () => void waiting.delete(one)
  }
  const timers = new Timers({ nowMs: () => nowMs, after }, () => scheduled++)
  return {
    timers,
    ran,
    waits: () => waiting.size,
    scheduled: () => scheduled,
    note: (what: string) => () => void ran.push(what),
    pass(ms: number): void {
      nowMs += ms
      for (const one of [...waiting].sort((a, b) => a.atMs - b.atMs)) {
        if (one.atMs <= nowMs && waiting.delete(one)) one.task()
      }
    },
    run(): void {
      for (let task = timers.takeDue(); task !== undefined; task = timers.takeDue()) task()
    },
  }
}

test('timers: one of the same name replaces the former, be it due or not, and leaves no other behind', () => {
  const { timers, ran, waits, note, pass, run } = scene()
  timers.after('a', 10, note('first'))
  timers.after('a', 20, note('second'))
  expect(waits()).toBe(1)
  pass(20)
  timers.after('a', 5, note('third'))
  run()
  expect(ran).toEqual([])
  pass(5)
  run()
  expect(ran).toEqual(['third'])
  expect(waits()).toBe(0)
})

test('timers: what is cancelled does not run, also when it is due already, and says whether there was one', () => {
  const { timers, ran, note, pass, run } = scene()
  timers.after('a', 10, note('a'))
  timers.every('b', 10, note('b'))
  pass(10)
  expect([timers.cancel('a'), timers.cancel('b'), timers.cancel('b'), timers.cancel('c')]).toEqual([true, true, false, false])
  run()
  pass(100)
  run()
  expect(ran).toEqual([])
})

test('timers: a period keeps to its beat, and leaves out what it is late for', () => {
  const { timers, ran, note, pass, run } = scene()
  timers.every('beat', 10, note('beat'))
  pass(10)
  run()
  // Nobody had time for four periods.
  pass(45)
  run()
  pass(4)
  run()
  expect(ran).toHaveLength(2)
  // At 60, as if nothing had been.
  pass(1)
  run()
  expect(ran).toHaveLength(3)
})

test('receive timeout: once for each time without a message, and not when one has come meanwhile', () => {
  const { timers, ran, note, pass, run } = scene()
  timers.whenIdle(10, note('idle'))
  timers.idle()
  pass(10)
  run()
  // Nothing has come: idle still, and told already.
  timers.idle()
  pass(50)
  run()
  expect(ran).toEqual(['idle'])
  timers.busy()
  timers.idle()
  pass(9)
  timers.busy()
  timers.idle()
  pass(9)
  run()
  expect(ran).toEqual(['idle'])
  pass(1)
  // It is due, and a message is first.
  timers.busy()
  run()
  expect(ran).toEqual(['idle'])
  timers.whenIdle(undefined)
  timers.idle()
  pass(100)
  run()
  expect(ran).toEqual(['idle'])
})

test('timers: a task that is no function is refused at once, where it would never run', () => {
  const { timers, waits } = scene()
  for (const call of ['after', 'every'] as const)
    expect(() => timers[call]('a', 10, undefined as never)).toThrow(`timers.${call}(…): the task is undefined, and must be a function.`)
  expect(() => timers.whenIdle(10, 'a' as never)).toThrow("timers.whenIdle(…): the task is 'a'")
  expect(waits()).toBe(0)
})
