import { SystemStoppedError } from '../base/errors.ts'
import type { Codec } from '../codec/codec.ts'
import type { ControlAnswer, ControlCall } from './isolate.ts'
import type { ControlRequestName, ControlRequests } from './requests.ts'
import { decodeError, isEncodedError } from './wire-reason.ts'

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/** The asking end of the control way, for the host and for isolates: slow on purpose, off the data path. */
export class ControlClient {
  readonly #post: (call: ControlCall) => void
  readonly #codec: Codec
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #closed: { readonly system: string; readonly why: string | undefined } | undefined

  constructor(post: (call: ControlCall) => void, codec: Codec) {
    this.#post = post
    this.#codec = codec
  }

  call<N extends ControlRequestName>(name: N, request: ControlRequests[N]['request']): Promise<ControlRequests[N]['answer']> {
    if (this.#closed !== undefined) return Promise.reject(new SystemStoppedError(this.#closed.system, name, this.#closed.why))
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      this.#post({ type: 'call', id, request: { name, ...request } as never })
    })
  }

  onAnswer(answer: ControlAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    if (waiting === undefined) return
    this.#waiting.delete(answer.id)
    if (answer.error === undefined) waiting.resolve(answer.value as never)
    else waiting.reject(isEncodedError(answer.error) ? decodeError(this.#codec, answer.error) : answer.error)
  }

  /** No answer will come any more. */
  close(system: string, why?: string): void {
    this.#closed = { system, why }
    for (const { reject } of this.#waiting.values()) reject(new SystemStoppedError(system, 'this call', why))
    this.#waiting.clear()
  }
}
