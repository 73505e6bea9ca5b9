import { appendFile } from 'node:fs/promises'
import { Actor, type ActorRef } from '@troupe/runtime'

export class Journal extends Actor {
  static readonly module = import.meta.url
  readonly #file: string

  constructor(file: string) {
    super()
    this.#file = file
  }

  async write(line: string): Promise<void> {
    await appendFile(this.#file, `${line}\n`)
  }

  override async onStop(): Promise<void> {
    await this.write('the journal closes')
  }
}

export class Orders extends Actor {
  static readonly module = import.meta.url
  readonly #journal: ActorRef<Journal>

  constructor(journal: ActorRef<Journal>) {
    super()
    this.#journal = journal
  }

  async take(order: number): Promise<void> {
    await this.#journal.ask.write(`order ${order}`)
  }

  /** After the last message. What was started before it is still there. */
  override async onStop(): Promise<void> {
    await this.#journal.ask.write('no more orders')
  }
}
