import { expect, test } from 'vitest'
import type { FromIsolate, IsolateEvents, ToIsolate } from '../../packages/runtime/src/isolate/isolate.ts'
import { quietControl } from './quiet-control.ts'
import { Random } from './random.ts'
import { actorSpec } from './scenery.ts'
import { VirtualLoop } from './virtual-loop.ts'

test('control: an answer reaches the incarnation that has asked, and no successor, whose requests have the same numbers', async () => {
  const loop = new VirtualLoop()
  const lives: { readonly say: (notice: FromIsolate) => void; readonly exit: () => void; readonly got: unknown[] }[] = []
  const modules = new Map<string, (url: string) => void>()
  const control = await quietControl(
    loop,
    0,
    () => ({
      run: (_, { onNotice, onExit }: IsolateEvents) => {
        const got: unknown[] = []
        lives.push({ say: onNotice, exit: () => onExit({ code: 1, error: undefined }), got })
        loop.post(() => onNotice({ type: 'ready' }))
        return {
          post: (signal: ToIsolate) => void (signal.type === 'answer' && got.push([signal.id, signal.value])),
          kill: () => undefined,
        }
      },
      expect: () => undefined,
      prepare: () => undefined,
      end: () => undefined,
    }),
    (module) => (module.startsWith('slow') ? new Promise((resolve) => modules.set(module, resolve)) : Promise.resolve(module)),
  )
  control.onHostCall(2, { name: 'spawn', spec: { ...actorSpec(new Random(1), 'a', 'permanent'), backoff: undefined } })
  await loop.runUntil(200)
  const load = (module: string): FromIsolate => ({ type: 'call', id: 1, request: { name: 'load', module } })
  lives[0]!.say(load('slow 1'))
  lives[0]!.exit()
  await loop.runUntil(400)
  lives[1]!.say(load('slow 2'))
  modules.get('slow 1')!('url 1')
  await loop.runUntil(500)
  modules.get('slow 2')!('url 2')
  await loop.runUntil(600)
  expect(lives.map(({ got }) => got)).toEqual([[], [[1, 'url 2']]])
})
