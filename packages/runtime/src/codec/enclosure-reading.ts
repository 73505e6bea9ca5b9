import { tableIn, tableNamed } from './frozen/freeze.ts'
import { makeView } from './frozen/views.ts'
import { unreadable } from './packer.ts'
import { share } from './shared.ts'
import * as wire from './wire.ts'

const GONE =
  'what was moved or shared with it is not there any more: an earlier attempt at this message has taken it, or its sender was killed'

/** What lies beside one message. It is fetched when it is needed. */
export class Beside {
  readonly #fetch: () => readonly unknown[] | undefined
  #things: readonly unknown[] | undefined

  constructor(fetch: () => readonly unknown[] | undefined) {
    this.#fetch = fetch
  }

  get isFetched(): boolean {
    return this.#things !== undefined
  }

  thing(part: unknown): object {
    this.#things ??= this.#fetch()
    if (this.#things === undefined) throw unreadable(GONE)
    const thing = this.#things[part as number]
    if (typeof thing !== 'object' || thing === null) throw unreadable('it refers to something beside it that it does not have')
    return thing
  }

  /** The parts that follow the kind FROZEN. A value that this thread has already is not fetched again. */
  frozen([memory, kind, at, first, second]: readonly unknown[]): object {
    if (![kind, at, first, second].every(Number.isSafeInteger)) throw unreadable('a frozen value in it has no place')
    const table = tableNamed([first as number, second as number]) ?? tableIn(this.#memory(memory))
    return makeView(table, kind as number, at as number) as object
  }

  #memory(part: unknown): SharedArrayBuffer {
    const memory = this.thing(part)
    if (!(memory instanceof SharedArrayBuffer)) throw unreadable('a frozen value in it has no memory')
    return memory
  }

  /** The parts that follow SHARED. */
  shared([memory, ...extent]: readonly unknown[]): object {
    return share(viewOf(this.#memory(memory), extent) as never)
  }

  /** The parts that follow MOVED_BYTES. */
  moved([buffer, ...extent]: readonly unknown[]): object {
    const bytes = this.thing(buffer)
    if (!(bytes instanceof ArrayBuffer)) throw unreadable('what was moved with it is no buffer')
    return extent[0] === wire.ARRAY_BUFFER_KIND ? bytes : viewOf(bytes, extent)
  }
}

function viewOf(memory: ArrayBuffer | SharedArrayBuffer, [kind, start, bytes]: readonly unknown[]): object {
  const [offset, length] = [start as number, bytes as number]
  if (kind === wire.BUFFER_KIND) return Buffer.from(memory as never, offset, length)
  if (kind === wire.DATA_VIEW_KIND) return new DataView(memory as ArrayBuffer, offset, length)
  const Kind = wire.BINARY_KINDS[(kind as number) - 1]
  if (Kind === undefined) throw unreadable('a view in it is of an unknown kind')
  return new Kind(memory as ArrayBuffer, offset, length / Kind.BYTES_PER_ELEMENT)
}
