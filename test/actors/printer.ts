import { Actor } from '@troupe/runtime'

/** Writes more than a pipe holds. */
export class Printer extends Actor {
  static readonly module = import.meta.url

  print(lines: number): number {
    for (let i = 0; i < lines; i++) console.log('x'.repeat(1_000))
    return lines
  }
}
