import { openSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { Actor } from '@troupe/runtime'

/** Ends in every way in which a worker can end. */
export class Ender extends Actor {
  static readonly module = import.meta.url

  incarnation(): number {
    return this.context.incarnation
  }

  stopItself(): void {
    this.context.stop()
  }

  exit(code: number): never {
    process.exit(code)
  }

  /** Runs no exit handler: the runtime's own is not called either. */
  reallyExit(code: number): void {
    ;(process as unknown as { reallyExit(code: number): void }).reallyExit(code)
  }

  /** Nothing keeps its event loop alive any more. */
  runDry(code: number): void {
    process.exitCode = code
    parentPort!.close()
  }

  throwError(): never {
    throw new RangeError('an error')
  }

  throwNothing(): never {
    throw null
  }

  throwBare(): never {
    throw Object.create(null)
  }

  throwTrap(): never {
    const trap = (): never => {
      throw new Error('a trap')
    }
    throw new Proxy(new Error('trapped'), { get: trap, has: trap, getPrototypeOf: trap })
  }

  abort(): void {
    process.abort()
  }

  overflow(depth = 0): number {
    return this.overflow(depth + 1) + 1
  }

  emitError(): void {
    setImmediate(() => process.emit('uncaughtException', new RangeError('emitted')))
  }

  /** The last thing that it does never ends. */
  throwAndSpinAtExit(): never {
    process.on('exit', () => {
      for (;;);
    })
    throw new RangeError('an error')
  }

  /** What the thread has is given back when it ends. */
  openFiles(count: number): number {
    return Array.from({ length: count }, () => openSync(process.execPath, 'r')).length
  }

  /** Only those of this isolate's clock. */
  shiftWallClock(ms: number): void {
    const now = Date.now
    Date.now = () => now() + ms
  }
}
