import { Actor } from '@troupe/runtime'

/** Takes the whole process with it: what no supervisor can help. */
export class Killer extends Actor {
  static readonly module = import.meta.url
  readonly #kept: unknown[] = []

  hold(): Promise<never> {
    return new Promise(() => undefined)
  }

  note(what: number): void {
    this.#kept.push(what)
  }

  /** One array that does not fit: V8 gives up for the process, and not for this isolate. */
  growAtOnce(): void {
    this.#kept.push(new Array(2 ** 27).fill(1.5))
  }

  signal(name: 'SIGSEGV' | 'SIGKILL'): void {
    process.kill(process.pid, name)
  }

  segfault(): void {
    this.signal('SIGSEGV')
  }
}
