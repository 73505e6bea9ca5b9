import { Session } from 'node:inspector'
import { Actor } from '@troupe/runtime'
export class Prof extends Actor {
  static readonly module = import.meta.url
  #s = new Session()
  #count = 0
  start(): void {
    this.#s.connect()
    this.#s.post('Profiler.enable')
    this.#s.post('Profiler.setSamplingInterval', { interval: 200 })
    this.#s.post('Profiler.start')
  }
  reading(r: { id: number }): void {
    this.#count += r.id & 1
  }
  state(): number {
    return this.#count
  }
  add(n: number): number {
    return n + 1
  }
  stop(): Promise<string> {
    return new Promise((res) => this.#s.post('Profiler.stop', (_e: unknown, r: { profile: unknown }) => res(JSON.stringify(r.profile))))
  }
}
