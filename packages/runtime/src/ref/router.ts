import { NOBODYS_GENERATION } from '../base/address.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import { checkKeys } from '../base/options.ts'
import { shown } from '../base/shown.ts'
import type { Arena } from '../queue/arena.ts'
import { mailboxDepth } from '../queue/mailbox-depth.ts'
import { isSeatOpen } from '../queue/segment.ts'
import { RefTo } from './actor-ref.ts'
import type { Messenger } from './messenger.ts'
import { type PartitionKey, partitionOf } from './partition-key.ts'
import { methodsOf } from './ref-methods.ts'
import { PICKS, type RouterOptions } from './router-types.ts'
import type { Membership } from './routes.ts'

/** Whatever else would be a key too, and the same one for all objects. */
const KEYS = ['string', 'number', 'bigint']

type Way = 'tell' | 'ask' | 'askSync'
type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>
type MethodsWith = Methods & ((options: unknown) => Methods)

/** An address that nobody ever has: what is sent there is refused, as to any address that has ended. */
const NOBODY = { seat: 1, generation: NOBODYS_GENERATION }

/** The run-time side of Router<A>: picks a ref for each call, and calls it. */
export class RouterTo {
  readonly #messenger: Messenger
  readonly #arena: Arena
  readonly #membership: Membership
  readonly #pick: () => RefTo
  #turn = 0
  readonly #ways = new Map<Way, object>()
  #all: object | undefined

  constructor(messenger: Messenger, arena: Arena, membership: Membership, options: RouterOptions | undefined) {
    if (options !== undefined) checkKeys(options, ['pick'], `router of ${membership.path}`)
    const pick = options?.pick ?? 'round-robin'
    if (!PICKS.includes(pick)) throw new InvalidArgumentError(`pick is ${shown(pick)}, and must be one of ${PICKS.join(', ')}.`)
    this.#messenger = messenger
    this.#arena = arena
    this.#membership = membership
    this.#pick = pick === 'round-robin' ? () => this.#next() : () => this.#least()
  }

  get path(): string {
    return this.#membership.path
  }

  get tell(): object {
    return this.#way('tell')
  }

  get ask(): object {
    return this.#way('ask')
  }

  get askSync(): object {
    return this.#way('askSync')
  }

  get members(): readonly RefTo[] {
    return this.#membership.members.flatMap(({ address }) => (address === undefined ? [] : [this.#messenger.refTo(address)]))
  }

  to(key: PartitionKey): RefTo {
    if (!KEYS.includes(typeof key))
      throw new InvalidArgumentError(`${this.path}: the key is ${shown(key)}, and must be a text, a number or a bigint.`)
    const { members, names, partitionBy } = this.#membership
    const found = members[partitionOf(key, names, partitionBy)]
    if (found === undefined) return this.#nobody()
    return found.address === undefined ? this.#nobody(found.name) : this.#messenger.refTo(found.address)
  }

  get broadcast(): object {
    return (this.#all ??= {
      tell: methodsOf((method, args) => this.members.map((ref) => methods(ref, 'tell')[method]!(...args))),
      ask: methodsOf(
        (method, args) => this.#askAll(method, args),
        (options: object) => methodsOf((method, args) => this.#askAll(method, args, options)),
      ),
    })
  }

  toString(): string {
    return `Router(${this.path})`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  #way(way: Way): object {
    const known = this.#ways.get(way)
    if (known !== undefined) return known
    const made = methodsOf(
      (method, args) => methods(this.#pick(), way)[method]!(...args),
      (options: object) => methodsOf((method, args) => methods(this.#pick(), way)(options)[method]!(...args)),
    )
    this.#ways.set(way, made)
    return made
  }

  #askAll(method: string, args: readonly unknown[], options?: object): Promise<unknown> {
    const asked = this.members.map((ref) => {
      const ask = methods(ref, 'ask')
      return (options === undefined ? ask : ask(options))[method]!(...args)
    })
    return Promise.allSettled(asked)
  }

  #next(): RefTo {
    return this.#firstFrom(this.#turn++) ?? this.#nobody()
  }

  /** Its turn first, so that those who have equally little get equally much. */
  #least(): RefTo {
    const { members } = this.#membership
    const turn = this.#turn++
    let least = Number.POSITIVE_INFINITY
    let found: RefTo | undefined
    for (let i = 0; i < members.length && least > 0; i++) {
      const ref = this.#openAt(turn + i)
      const depth = ref === undefined ? least : mailboxDepth(this.#arena, ref.address.seat)
      if (depth < least) [least, found] = [depth, ref]
    }
    return found ?? this.#nobody()
  }

  #firstFrom(turn: number): RefTo | undefined {
    for (let i = 0; i < this.#membership.members.length; i++) {
      const ref = this.#openAt(turn + i)
      if (ref !== undefined) return ref
    }
    return undefined
  }

  /** The news that one has ended may still be on its way; shared memory knows already. */
  #openAt(turn: number): RefTo | undefined {
    const { members } = this.#membership
    const { address } = members[turn % members.length]!
    if (address === undefined || !isSeatOpen(this.#arena, address.seat, address.generation)) return undefined
    return this.#messenger.refTo(address)
  }

  #nobody(name?: string): RefTo {
    return new RefTo(this.#messenger, { ...NOBODY, path: name === undefined ? this.path : `${this.path}/${name}` })
  }
}

function methods(ref: RefTo, way: Way): MethodsWith {
  return ref[way] as MethodsWith
}
