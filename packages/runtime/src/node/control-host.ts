import { Worker } from 'node:worker_threads'
import { becomeHost } from '../supervisor/loaded-classes.ts'
import type { ToHost } from '../system/control.ts'
import type { ControlBoot } from '../system/control-boot.ts'
import type { ControlEvents, ControlLink } from '../system/platform.ts'
import { withCompileCache } from './compile-cache.ts'
import type { InlineStart } from './inline-isolate.ts'
import { openLine } from './office-port.ts'

const END_MS = 2_000

/** Starts the control side on a thread of its own. It holds the process as long as the system runs. */
export function startControlThread(entry: URL, boot: ControlBoot, events: ControlEvents): ControlLink {
  becomeHost()
  const worker = new Worker(entry, {
    workerData: boot,
    name: `${boot.system}: control`,
    execArgv: [],
    env: withCompileCache(process.getBuiltinModule('node:os').tmpdir()),
  })
  const ended = new Promise<void>((resolve) => worker.on('exit', () => resolve()))
  let isEnding = false
  worker.on('error', (error) => events.onExit(error))
  // Loaded when it is needed: few systems have actors in their host's thread.
  const inline = (start: InlineStart): void => void import('./inline-host.ts').then(({ runInline }) => runInline(start, boot.memory))
  worker.on('message', (message: ToHost | InlineStart) => (message.type === 'inline' ? inline(message) : events.onMessage(message)))
  worker.on('exit', (code) =>
    events.onExit(isEnding ? undefined : new Error(`the control thread of "${boot.system}" ended by itself (${code})`)),
  )
  return {
    post: (message) => worker.postMessage(message),
    openLine: openLine((opening, moved) => worker.postMessage(opening, moved)),
    end: async () => {
      isEnding = true
      worker.postMessage({ type: 'exit' })
      // It ends at once, unless one of its isolates is stuck in native code: such a thread ends with the process.
      let timer: NodeJS.Timeout | undefined
      const isStuck = new Promise<void>((resolve) => (timer = setTimeout(resolve, END_MS)))
      await Promise.race([ended, isStuck])
      clearTimeout(timer)
    },
  }
}
