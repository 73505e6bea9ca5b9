import { Actor } from '@troupe/runtime'
import { z } from 'zod'

// What the compiler would refuse, had these been declared as Schemas of their classes.

abstract class Adder extends Actor {
  add(n: number): number {
    return n
  }
}

export class Misspelt extends Adder {
  static readonly module = import.meta.url
  static readonly schemas = { ad: [z.number()] }
}

export class NoSchema extends Adder {
  static readonly module = import.meta.url
  static readonly schemas = { add: [{ type: 'number' }] }
}

export class NoArray extends Adder {
  static readonly module = import.meta.url
  static readonly schemas = { add: z.number() }
}

export class TooFew extends Adder {
  static readonly module = import.meta.url
  static readonly schemas = { add: [] }
}

export class NoObject extends Adder {
  static readonly module = import.meta.url
  static readonly schemas = 'strict'
}
