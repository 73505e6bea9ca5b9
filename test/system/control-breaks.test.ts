import { expect, onTestFinished, test } from 'vitest'
import { SystemStoppedError } from '../../packages/runtime/src/base/errors.ts'
import { nodeClock } from '../../packages/runtime/src/node/clock.ts'
import type { ControlEvents, Platform } from '../../packages/runtime/src/system/platform.ts'
import { actorSystemOn } from '../../packages/runtime/src/system/start-on.ts'

/** A control side that answers its first request, and no other; the test says when it breaks. */
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
          if (message.type === 'call' && message.id === 1) queueMicrotask(() => events.onMessage({ type: 'answer', id: 1, value: [] }))
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
  const error = new Error('a bug of ours')
  scene.break(error)
  await expect(system.closed).rejects.toBe(error)
  await expect(pending).rejects.toBeInstanceOf(SystemStoppedError)
  await expect(system.lookup('/x')).rejects.toBeInstanceOf(SystemStoppedError)
  expect(warnings).toEqual(['the system "shop" has ended, because its control side broke: Error: a bug of ours'])
})
