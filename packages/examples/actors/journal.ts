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
  #journal: ActorRef<Journal> | undefined

  /** Its supervisor starts the journal before it and stops it after it. */
  override async onStart(): Promise<void> {
    this.#journal = await this.context.lookup<Journal>('/journal')
  }

  async take(order: number): Promise<void> {
    await this.#journal?.ask.write(`order ${order}`)
  }

  /** After the last message. What was started before this actor is still there. */
  override async onStop(): Promise<void> {
    await this.#journal?.ask.write('no more orders')
  }
}
