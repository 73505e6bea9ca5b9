import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../packages/runtime/src/base/limits.ts'
import type { BootRecord } from '../../packages/runtime/src/isolate/isolate.ts'
import { RuntimeCode } from '../../packages/runtime/src/node/runtime-code.ts'
import { workerIsolates } from '../../packages/runtime/src/node/worker-isolate.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'

const DIST = new URL('../../packages/runtime/dist/', import.meta.url)

/** Isolates whose threads cannot be started: Node refuses the flag as the system refuses one thread too many, at once. */
function makeUnborn() {
  const surroundings = { system: 'test', memory: Arena.create(8, 1024 * 1024).memory, epochMs: 0, limits: DEFAULT_LIMITS, spinMs: 0 }
  const runtime = new RuntimeCode(new URL('isolate-runtime.cjs', DIST))
  return workerIsolates(new URL('isolate-entry.cjs', DIST), runtime, ['--no-such-flag'], surroundings)
}

test('a thread that cannot be started is an isolate that has ended: of a spare, and of an actor, whose start has failed and says why', async () => {
  const make = makeUnborn()
  await new Promise<void>((resolve) => make({ name: 'spare', isSpare: true, heapMb: 64 }, { onLoaded: () => undefined, onExit: resolve }))
  const empty = { onLoaded: () => undefined, onExit: () => expect.unreachable('it has its actor') }
  const exit = await new Promise((resolve) => {
    const isolate = make({ name: '/a', isSpare: false, heapMb: 64 }, empty).run({ self: { path: '/a', seat: 2 } } as BootRecord, {
      onNotice: () => undefined,
      onExit: resolve,
    })
    isolate.post({ type: 'stop', drain: false })
    isolate.kill()
  })
  expect(exit).toMatchObject({
    code: 1,
    error: { kind: 'error', error: { message: expect.stringMatching(/^no thread could be started.*no-such-flag/) } },
  })
})
