import type { Platform } from '../system/platform.ts'
import { nodeClock } from './clock.ts'
import { startControlThread } from './control-host.ts'
import { machine, sparesFor } from './machine.ts'
import { preloadFlags } from './preloads.ts'
import { youngBytesLeft } from './young-space.ts'

/** Long enough to see a reply that follows a wake-up: a shorter spin never learns that it would pay (D4). */
const ISOLATE_SPIN_MS = 0.05
/** The host has more to do than to wait for replies. */
const HOST_SPIN_MS = 0.05

/** Everything from Node. `controlEntry`: the file that the control thread runs. */
export function nodePlatform(controlEntry: URL): Platform {
  const limits = machine()
  // With one processor whoever spins keeps the other from working.
  const canSpin = limits.cores > 1
  return {
    clock: nodeClock(),
    hostSpinMs: canSpin ? HOST_SPIN_MS : 0,
    isolateSpinMs: canSpin ? ISOLATE_SPIN_MS : 0,
    spares: sparesFor(limits),
    processBytes: limits.memoryBytes,
    preloads: preloadFlags(process.execArgv),
    nextTurn: (task) => void setImmediate(task),
    youngBytesLeft,
    startControl: (boot, events) => startControlThread(controlEntry, boot, events),
    isDebugged: () => process.getBuiltinModule('node:inspector').url() !== undefined,
    write: (stream, text, done) => void process[stream].write(text, () => done()),
    warn: (text) => process.emitWarning(text, 'TroupeWarning'),
  }
}
