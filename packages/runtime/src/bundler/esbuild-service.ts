import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'

/** What is used of it: a plugin is given no more. */
export type Esbuild = Pick<typeof import('esbuild'), 'build'>

/** esbuild runs as a child process; it is stopped when nothing was bundled for this long. */
const IDLE_MS = 1_000
/** Node's channel on which each new child process of this thread is published. */
const PROCESSES = 'child_process'

/** esbuild, and the life of its process. */
export class EsbuildService {
  #stopTimer: NodeJS.Timeout | undefined
  #users = 0
  /** esbuild's own process while it lives; esbuild shows it to nobody. */
  #process: ChildProcess | undefined
  readonly #onProcess = (message: unknown): void => {
    const { process } = message as { readonly process: ChildProcess }
    this.#process = process
    process.once('exit', () => {
      if (this.#process === process) this.#process = undefined
    })
  }

  async use<T>(work: (esbuild: Esbuild) => Promise<T>): Promise<T> {
    this.#users++
    clearTimeout(this.#stopTimer)
    if (this.#users === 1) subscribe(PROCESSES, this.#onProcess)
    try {
      return await work(await import('esbuild'))
    } finally {
      if (--this.#users === 0) {
        unsubscribe(PROCESSES, this.#onProcess)
        this.#stopTimer = setTimeout(() => void this.end(), IDLE_MS).unref()
      }
    }
  }

  /** Resolves when no process of esbuild is left. One that outlived this thread could be collected by nobody. */
  async end(): Promise<void> {
    clearTimeout(this.#stopTimer)
    if (this.#process === undefined) return
    const { stop } = await import('esbuild')
    // esbuild does not hold the event loop, and this wait does.
    this.#process.ref()
    const ended = once(this.#process, 'exit')
    await stop()
    await ended
  }
}
