import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Lease, type LeasePool, Leases, Semaphore } from '@troupe/actors'
import { Actor, type ActorRef } from '@troupe/runtime'

/** Borrows connections to a server. */
export class Borrower extends Actor {
  static readonly module = import.meta.url
  readonly #sockets: Leases<Socket>
  readonly #semaphore: Semaphore
  #held: Lease<unknown>[] = []
  #made = 0
  #isGood = true

  constructor(pool: ActorRef<LeasePool>, port = 0, idleMs = 60_000) {
    super()
    this.#semaphore = new Semaphore(this.context, pool)
    this.#sockets = new Leases(this.context, pool, {
      create: async () => {
        const socket = connect(port, '127.0.0.1')
        await once(socket, 'connect')
        this.#made++
        return socket
      },
      destroy: async (socket) => {
        if (!socket.destroyed) await once(socket.destroy(), 'close')
      },
      check: (socket) => this.#isGood && !socket.destroyed,
      idleMs,
    })
  }

  async hold(timeoutMs = 5_000): Promise<void> {
    this.#held.push(await this.#sockets.borrow({ timeoutMs }))
  }

  async holdPermit(timeoutMs = 5_000): Promise<void> {
    this.#held.push(await this.#semaphore.acquire({ timeoutMs }))
  }

  async giveBack(isBroken = false): Promise<void> {
    await this.#held.shift()?.giveBack({ isBroken })
  }

  /** How many connections it has made so far. */
  made(): number {
    return this.#made
  }

  setGood(isGood: boolean): void {
    this.#isGood = isGood
  }

  /** Borrows and gives back, again and again; says how often. */
  async churn(ms: number): Promise<number> {
    let count = 0
    for (const untilMs = performance.now() + ms; performance.now() < untilMs; count++) {
      await using _ = await this.#sockets.borrow({ timeoutMs: 20_000 })
      await sleep(Math.random() * 4)
    }
    return count
  }
}
