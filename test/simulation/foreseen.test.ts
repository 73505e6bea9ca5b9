import { expect, test } from 'vitest'
import type { IsolateEvents, Lodging } from '../../packages/runtime/src/isolate/isolate.ts'
import type { Restart } from '../../packages/runtime/src/supervisor/child-spec.ts'
import { quietControl } from './quiet-control.ts'
import { Random } from './random.ts'
import { actorSpec } from './scenery.ts'
import { VirtualLoop } from './virtual-loop.ts'

/** Which incarnations of an actor spares are told to prepare for while it crashes, before its thread has ended; `stopped`: it is stopped instead. */
async function foreseen(restart: Restart, isStopped = false): Promise<number[]> {
  const loop = new VirtualLoop()
  const prepared: Lodging[] = []
  let crash = (): void => undefined
  const control = await quietControl(loop, 2, (_, empty) => {
    loop.post(() => empty.onLoaded())
    return {
      run: (_boot, events: IsolateEvents) => {
        loop.post(() => events.onNotice({ type: 'ready' }))
        crash = () => events.onNotice({ type: 'crashed', reason: { kind: 'error', error: new Error('planned') } })
        return { post: () => undefined, kill: () => undefined }
      },
      expect: () => undefined,
      prepare: (lodging) => void prepared.push(lodging),
      end: () => undefined,
    }
  })
  control.onHostCall(2, { name: 'spawn', spec: { ...actorSpec(new Random(1), 'a', restart), args: [new Uint8Array(0)] } })
  await loop.runUntil(200)
  prepared.length = 0
  if (isStopped) control.onHostCall(3, { name: 'stopSystem', drain: false, deadlineMs: 1_000 })
  else crash()
  await loop.runUntil(201)
  return prepared.map(({ incarnation }) => incarnation)
}

test('supervision: a spare prepares for the next incarnation of who crashes, while its thread still ends', async () => {
  expect(await foreseen('permanent')).toEqual([2])
  expect(await foreseen('transient')).toEqual([2])
})

test('supervision: nobody prepares for the successor of who will have none', async () => {
  expect(await foreseen('temporary')).toEqual([])
  expect(await foreseen('permanent', true)).toEqual([])
})
