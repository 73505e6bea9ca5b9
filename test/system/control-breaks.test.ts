import { expect, onTestFinished, test } from 'vitest'
import { SystemStoppedError } from '../../packages/runtime/src/base/errors.ts'
import { nodeClock } from '../../packages/runtime/src/node/clock.ts'
import type { ControlEvents, Platform } from '../../packages/runtime/src/system/platform.ts'
import { actorSystemOn } from '../../packages/runtime/src/system/start-on.ts'

const ANSWERS = { startSystem: [], lookup: { path: '/x', seat: 2, generation: 1 }, watch: undefined }

/** A control side that answers few requests, and tells of nothing; the test says when it breaks. */
function breakable() {
  const warnings: string[] = []
  let control: ControlEvents | undefined
  const platform: Platform = {
    clock: nodeClock(),
    hostSpinMs: 0,
    isolateSpinMs: 0,
    spares: 0,
    processBytes: Number.POSITIVE_INFINITY,
    preloads: [],
    write: (_stream: string, _text: string, done: () => void) => done(),
    nextTurn: (task) => void setImmediate(task),
    youngBytesLeft: () => 0,
    isDebugged: () => false,
    warn: (text) => void warnings.push(text),
    startControl: (_, events) => {
      control = events
      return {
        post: (message) => {
          if (message.type !== 'call' || !(message.request.name in ANSWERS)) return
          const value = ANSWERS[message.request.name as keyof typeof ANSWERS]
          queueMicrotask(() => events.onMessage({ type: 'answer', id: message.id, value }))
        },
        openLine: () => {
          throw new Error('only bytes are sent here')
        },
        end: () => Promise.resolve(),
      }
    },
  }
  return { platform, warnings, break: (error: Error) => control!.onExit(error) }
}

test('fault 33: when the control side itself breaks, nobody is left unsupervised and nothing hangs: the system closes, loudly', async () => {
  const { platform, warnings, ...scene } = breakable()
  const system = await actorSystemOn(
    () => undefined,
    async () => platform,
  ).start({ name: 'shop' })
  onTestFinished(() => system.stop())
  const pending = system.tree()
  const ref = await system.lookup('/x')
  const terminated = system.terminated(ref!)
  // It has been told that somebody waits.
  await new Promise((resolve) => setImmediate(resolve))
  const error = new Error('a bug of ours')
  scene.break(error)
  await expect(system.closed).rejects.toBe(error)
  await expect(pending).rejects.toBeInstanceOf(SystemStoppedError)
  await expect(terminated).rejects.toBeInstanceOf(SystemStoppedError)
  await expect(system.lookup('/x')).rejects.toBeInstanceOf(SystemStoppedError)
  expect(warnings).toEqual(['the system "shop" has ended, because its control side broke: Error: a bug of ours'])
})
