import { Actor } from '@troupe/runtime'

// What a class may say of itself, said wrongly: each is a failed start.

export class WrongOnThrow extends Actor {
  static readonly module = import.meta.url
  static readonly onThrow = 'crsh'
}

export class NoList extends Actor {
  static readonly module = import.meta.url
  static readonly reentrant = 'load'
  load(): void {}
}

export class TextualCount extends Actor {
  static readonly module = import.meta.url
  static readonly concurrency = '2'
}

export class MisspeltCount extends Actor {
  static readonly module = import.meta.url
  static readonly concurency = 2
}

export class MisspeltLimit extends Actor {
  static readonly module = import.meta.url
  static readonly hangAfterMS = 20
}

/** It is looked for in what a class inherits, too. */
export class Heir extends MisspeltLimit {
  static override readonly module = import.meta.url
}

/** Its own statics: none is near enough to be a mistake, or the one that it is like is there, or it is a method. */
export class OwnStatics extends Actor {
  static readonly module = import.meta.url
  static readonly model = 'large'
  static readonly modules = ['a']
  static readonly current = 1
  static readonly onThrow = 'crash'
  static readonly onThrew = 1
  static schema(): string {
    return OwnStatics.model
  }
  schema(): string {
    return OwnStatics.schema()
  }
}
