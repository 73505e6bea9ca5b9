import { Actor } from '@troupe/runtime'

/** Writes and logs in every way there is. */
export class Speaker extends Actor {
  static readonly module = import.meta.url

  speak(): void {
    console.log('one', { two: 2 })
    console.error('three')
    process.stdout.write('fo')
    this.context.log.warn('five', { ms: 5, err: new TypeError('six'), send: () => 7 })
    process.stdout.write(Buffer.from('ur\neight'))
    this.context.log.debug('too quiet')
  }

  /** Is killed right behind the last line. */
  speakAndSpin(lines: number): never {
    for (let i = 0; i < lines; i++) console.log(`line ${i}`)
    this.context.log.error('the end')
    for (;;);
  }

  flood(lines: number): number {
    for (let i = 0; i < lines; i++) console.log(`${i} ${'x'.repeat(1_000)}`)
    return lines
  }

  speakOutOfOrder(): void {
    const info = this.context.log.info.bind(this.context.log) as (...args: unknown[]) => void
    info({ ms: 5 }, 'slow')
    info(Object.assign(Object.create(null), { ms: 6 }))
    info(new RangeError('no line'))
    info(undefined)
  }

  levels(): boolean[] {
    return (['debug', 'info', 'fatal'] as const).map((level) => this.context.log.isEnabled(level))
  }

  env(name: string): string | undefined {
    return process.env[name]
  }

  setEnv(name: string, value: string): string | undefined {
    process.env[name] = value
    return process.env[name]
  }
}
