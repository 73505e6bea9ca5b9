import { parentPort, workerData } from 'node:worker_threads'
import type { MakeIsolate } from '../isolate/isolate.ts'
import { Control } from '../system/control.ts'
import type { ControlBoot } from '../system/control-boot.ts'
import type { ToControl } from '../system/platform.ts'
import type { OwnedProcess } from '../system/processes.ts'
import { nodeClock } from './clock.ts'
import { inlineIsolates } from './inline-isolate.ts'
import { withOfficePort } from './office-port.ts'

/** Makes modules loadable (bundler/module-loader.ts). */
export interface Loader {
  prepare(module: string, isChanged?: boolean): Promise<string>
  /** What was made of it in an earlier run; undefined: there is nothing that is still right. */
  made(module: string): string | undefined
  watch(onChanged: (module: string, url: string) => void, onBroken: (module: string, error: unknown) => void): void
  /** Ends what it has started, for good. */
  end(): Promise<void>
}

/** What the host has given this thread. */
export function bootOfControl(): ControlBoot {
  return workerData as ControlBoot
}

/** Runs the control side in this worker. */
export function runControl(makeIsolate: MakeIsolate, loader: Loader): void {
  const port = parentPort!
  const control = new Control(bootOfControl(), {
    clock: nodeClock(),
    makeIsolate,
    startInline: inlineIsolates((start, moved) => port.postMessage(start, moved)),
    prepareModule: (module, isChanged) => loader.prepare(module, isChanged),
    madeModule: (module) => loader.made(module),
    post: (task) => void setImmediate(task),
    random: () => Math.random(),
    toHost: (message) => port.postMessage(message),
    killProcess,
  })
  const { reloads } = control
  if (bootOfControl().watch === true)
    loader.watch(
      (module, url) => reloads.changed(module, url),
      (module, error) => reloads.broken(module, error),
    )
  port.on('message', (message: ToControl) => {
    switch (message.type) {
      case 'office':
        return control.openOffice(withOfficePort(message))
      case 'call':
        return control.onHostCall(message.id, message.request)
      case 'exit':
        // Isolates that would not end go with this thread.
        return void Promise.allSettled([loader.end(), control.end()]).then(() => process.exit(0))
    }
  })
}

function killProcess({ pid, isGroup }: OwnedProcess): void {
  try {
    process.kill(isGroup ? -pid : pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
