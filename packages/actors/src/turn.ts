import { ActorDownError, AskTimeoutError, type Queue } from '@troupe/runtime'
import { LeaseTimeoutError } from './errors.ts'
import type { BellMessage } from './guest-book.ts'
import type { Visit } from './visit.ts'

/** What a service answers to whoever wants something: that, or where to listen for it. */
export type Turn<T> = { readonly got: T } | { readonly bell: Queue<BellMessage> }

export interface TurnPorts<T> {
  /** For people: what is waited for. */
  readonly path: string
  /** Asking again with the same ticket must change nothing. With a signal nothing is sent after it: that would come after `giveUp`. */
  ask(ticket: number, signal?: AbortSignal): Promise<Turn<T>>
  /** Nobody waits for that ticket any more; what it may have got by now goes back. */
  giveUp(ticket: number): void
}

/** Who waits asks again so often: news are lost with a restart of the service. */
const ASK_AGAIN_MS = 500

/** Waits for a turn at a service. Rejects with LeaseTimeoutError; with what `ask` rejects with, the first time. */
export function takeTurn<T>(visit: Visit, ports: TurnPorts<T>, ticket: number, timeoutMs: number): Promise<T> {
  return ports.ask(ticket).then(
    (turn) => ('got' in turn ? turn.got : waitForTurn(visit, ports, ticket, timeoutMs, turn.bell)),
    (error: unknown) => {
      // It may have been granted by somebody whose answer came too late.
      ports.giveUp(ticket)
      throw error
    },
  )
}

function waitForTurn<T>(visit: Visit, ports: TurnPorts<T>, ticket: number, timeoutMs: number, bell: Queue<BellMessage>): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = new AbortController()
    const end = (settle: () => void): void => {
      if (ended.signal.aborted) return
      clearTimeout(timer)
      clearInterval(again)
      visit.unlisten(ticket)
      ended.abort()
      settle()
    }
    const fail = (error: unknown): void =>
      end(() => {
        ports.giveUp(ticket)
        reject(error)
      })
    const onTimeout = (): void => fail(new LeaseTimeoutError(ports.path, timeoutMs))
    const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(onTimeout, timeoutMs)
    const again = setInterval(() => {
      ports.ask(ticket, ended.signal).then(
        (turn) => ('got' in turn ? end(() => resolve(turn.got)) : visit.hear(turn.bell)),
        (error: unknown) => {
          if (!isDown(error)) fail(error)
        },
      )
    }, ASK_AGAIN_MS)
    visit.listen(bell, ticket, (news) => end(() => resolve(news as T)))
  })
}

/** It may come back within the time. */
function isDown(error: unknown): boolean {
  return error instanceof ActorDownError || error instanceof AskTimeoutError
}
