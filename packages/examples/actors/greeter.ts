import { Actor } from '@troupe/runtime'

export class Greeter extends Actor {
  static readonly module = import.meta.url
  readonly #greeting: string

  constructor(greeting: string) {
    super()
    this.#greeting = greeting
  }

  greet(name: string): string {
    return `${this.#greeting}, ${name}!`
  }
}
