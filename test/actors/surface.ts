import { Actor } from '@troupe/runtime'

class Below extends Actor {
  below(): string {
    return 'below'
  }

  overridden(): string {
    return 'below'
  }
}

/** Has members of every kind; only its methods are messages. */
export class Surface extends Below {
  static readonly module = import.meta.url
  static shared(): string {
    return 'static'
  }

  field = (): string => 'field'
  #reads = 0

  get accessor(): () => string {
    this.#reads++
    return () => 'accessor'
  }

  method(): string {
    return 'method'
  }

  override overridden(): string {
    return `above ${super.overridden()}`
  }

  reads(): number {
    return this.#count()
  }

  #count(): number {
    return this.#reads
  }

  /** Hidden from whoever asks the compiler. */
  private erased(): string {
    return `private, of ${this.method()}`
  }

  protected guarded(): string {
    return this.erased()
  }

  override onStart(): void {
    this.#reads += 0
  }

  override onStop(): void {
    this.#reads += 0
  }

  override onSignal(): void {
    this.#reads += 0
  }

  // Names that the language looks up on anything: not messages either.
  then(): string {
    return 'then'
  }

  toJSON(): string {
    return 'toJSON'
  }
}
