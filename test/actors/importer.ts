import { Actor } from '@troupe/runtime'

/** Imports what it is told. */
export class Importer extends Actor {
  static readonly module = import.meta.url

  async callToMs(module: string, seconds: number): Promise<number> {
    const { toMs } = await this.context.load<typeof import('../parallel/functions.ts')>(module)
    return toMs(seconds)
  }
}
