import { Actor } from '@troupe/runtime'

export class Stuck extends Actor {
  static readonly module = import.meta.url

  spin(): never {
    for (;;);
  }

  incarnation(): number {
    return this.context.incarnation
  }
}
