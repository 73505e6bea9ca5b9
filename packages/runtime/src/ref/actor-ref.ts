import type { Address } from '../base/address.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import { checkAsk, checkAskSync, checkTell } from './call-options.ts'
import type { Messenger } from './messenger.ts'
import { methodsOf } from './ref-methods.ts'
import type { AskOptions, AskSyncOptions, TellOptions, TellRefusal } from './ref-types.ts'

/**
 * The run-time side of ActorRef<A>: an address, and the thread's way to send. It holds nothing of the actor, can be made
 * at any time, and is equal to another when `path`, and what is behind it, are.
 */
export class RefTo {
  readonly #messenger: Messenger
  readonly address: Address
  #tell: object | undefined
  #ask: object | undefined
  #askSync: object | undefined

  constructor(messenger: Messenger, address: Address) {
    this.#messenger = messenger
    this.address = address
  }

  /** Whether it is a ref of that thread's system: in another one its address could mean somebody else. */
  isOf(messenger: Messenger): boolean {
    return this.#messenger === messenger
  }

  get path(): string {
    return this.address.path
  }

  get tell(): object {
    return (this.#tell ??= methodsOf(
      (method, args) => this.#messenger.tell(this.address, method, args),
      (options: TellOptions | TellRefusal) => {
        checkTell(options, this.path)
        if (options.whenFull === 'refuse') return methodsOf((method, args) => this.#messenger.tell(this.address, method, args, false))
        return methodsOf((method, args) => this.#messenger.tellWaiting(this.address, method, args, options))
      },
    ))
  }

  get ask(): object {
    return (this.#ask ??= methodsOf(
      (method, args) => this.#messenger.ask(this.address, method, args),
      (options: AskOptions) => {
        checkAsk(options, this.path)
        return methodsOf((method, args) => this.#messenger.ask(this.address, method, args, options))
      },
    ))
  }

  get askSync(): object {
    return (this.#askSync ??= methodsOf(
      (method, args) => this.#messenger.askSync(this.address, method, args),
      (options: AskSyncOptions) => {
        checkAskSync(options, this.path)
        return methodsOf((method, args) => this.#messenger.askSync(this.address, method, args, options))
      },
    ))
  }

  /** Looking at a ref sends nothing. */
  toJSON(): string {
    return this.path
  }

  toString(): string {
    return `ActorRef(${this.path})`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** @throws {InvalidArgumentError} for what is no ref, as a path, or a promise that was not awaited */
export function asRef(value: unknown): RefTo {
  if (value instanceof RefTo) return value
  throw new InvalidArgumentError(
    'this is not an actor ref. Pass what spawn() resolved to (await it), or system.ref(spec); a path or a name is not enough.',
  )
}

/** Whether two refs name the same address. */
export function isSameAddress(a: Address, b: Address): boolean {
  return a.seat === b.seat && a.generation === b.generation
}
