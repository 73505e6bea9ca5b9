import { DEFAULT_LIMITS } from '../../packages/runtime/src/base/limits.ts'
import type { MakeIsolate } from '../../packages/runtime/src/isolate/isolate.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import type { Control, ToHost } from '../../packages/runtime/src/system/control.ts'
import { loadControlSide } from './control-side.ts'
import type { VirtualLoop } from './virtual-loop.ts'

/** The control side of a system without children that has started, in isolates as the test makes them, and nobody listens. */
export async function quietControl(
  loop: VirtualLoop,
  spares: number,
  makeIsolate: MakeIsolate,
  prepareModule = (module: string): Promise<string> => Promise.resolve(module),
  toHost: (message: ToHost) => void = () => undefined,
): Promise<Control> {
  const { Control } = await loadControlSide()
  const boot = {
    system: 'sim',
    memory: Arena.create(16, 1024 * 1024).memory,
    epochMs: 0,
    limits: { ...DEFAULT_LIMITS, actorsMax: 10 },
    spinMs: 0,
    spares,
    processBytes: Number.POSITIVE_INFINITY,
    logLevel: 'info' as const,
  }
  const control = new Control(boot, {
    clock: loop.clock,
    makeIsolate,
    prepareModule,
    post: (task) => loop.post(task),
    random: () => 0.5,
    killProcess: () => undefined,
    toHost,
  })
  control.onHostCall(1, { name: 'startSystem', children: [], intensity: undefined, strategy: undefined })
  await loop.runUntil(100)
  return control
}
