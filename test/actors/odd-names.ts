import { Actor } from '@troupe/runtime'

// Classes whose own names are no names for actors.

export class $Odd extends Actor {
  static readonly module = import.meta.url
  hello(): string {
    return 'odd'
  }
}

export class Ünïcode extends Actor {
  static readonly module = import.meta.url
  hello(): string {
    return 'ünïcode'
  }
}
