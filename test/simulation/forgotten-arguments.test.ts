import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { Restart } from '../../packages/runtime/src/supervisor/child-spec.ts'
import { quietControl } from './quiet-control.ts'
import { Random } from './random.ts'
import { actorSpec } from './scenery.ts'
import { VirtualLoop } from './virtual-loop.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Spawns an actor with large arguments, and says whether they are still in memory when it runs. */
async function keepsArguments(restart: Restart): Promise<boolean> {
  const loop = new VirtualLoop()
  // Of its boot record, as with a thread, only a copy lives on.
  const control = await quietControl(loop, 0, () => ({
    run: (_, events) => {
      loop.post(() => events.onNotice({ type: 'ready' }))
      return { post: () => undefined, kill: () => undefined }
    },
    expect: () => undefined,
    prepare: () => undefined,
    end: () => undefined,
  }))
  const spawn = () => {
    const bytes = new Uint8Array(50_000)
    control.onHostCall(2, { name: 'spawn', spec: { ...actorSpec(new Random(1), 'a', restart), args: [bytes] } })
    return new WeakRef(bytes)
  }
  const bytes = spawn()
  await loop.runUntil(200)
  collectGarbage()
  await loop.runUntil(300)
  return bytes.deref() !== undefined
}

test('G10: do_not_save_start_parameters: the arguments of a temporary child are garbage once it has started, those of others are kept', async () => {
  expect(await keepsArguments('temporary')).toBe(false)
  expect(await keepsArguments('permanent')).toBe(true)
  expect(await keepsArguments('transient')).toBe(true)
})
