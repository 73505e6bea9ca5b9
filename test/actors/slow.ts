import { setTimeout as delay } from 'node:timers/promises'
import { Actor } from '@troupe/runtime'

export class Slow extends Actor {
  static readonly module = import.meta.url

  async work(ms: number): Promise<void> {
    await delay(ms)
  }
}
