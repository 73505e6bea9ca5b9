import type { Address } from '../base/address.ts'
import { SystemStoppedError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { ControlClient } from '../isolate/control-client.ts'

/** Whose end the host waits for. */
export class HostWatches {
  readonly #control: ControlClient
  readonly #waiting = new Map<number, { resolve(reason: ExitReason): void; reject(error: unknown): void }>()
  #lastId = 0

  constructor(control: ControlClient) {
    this.#control = control
  }

  /** Resolves when the address has ended; at once if it has. */
  ended(target: Address): Promise<ExitReason> {
    const watch = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(watch, { resolve, reject })
      this.#control.call('watch', { watch, target, incarnation: 0, incarnations: false }).catch((error: unknown) => {
        this.#waiting.delete(watch)
        reject(error as Error)
      })
    })
  }

  onEnded(watch: number, reason: ExitReason): void {
    this.#waiting.get(watch)?.resolve(reason)
    this.#waiting.delete(watch)
  }

  /** Nobody is left who would tell it: the control side broke, or could not wait for a thread that does not end. */
  close(system: string, why?: string): void {
    for (const { reject } of this.#waiting.values()) reject(new SystemStoppedError(system, 'terminated', why))
    this.#waiting.clear()
  }
}
