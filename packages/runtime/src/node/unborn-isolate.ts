import type { EmptyIsolate, EmptyIsolateEvents, IsolateEvents } from '../isolate/isolate.ts'

/**
 * In the place of one whose thread could not be started, because the process has as many as it may have: it has ended before it
 * began. So an actor's start has failed, and a spare is one less; nothing that lives has to do with it.
 */
export function unbornIsolate(cause: unknown, empty: EmptyIsolateEvents): EmptyIsolate {
  const why = 'no thread could be started for it. A limit of the process, its user or its container may have been reached (ulimit -u, pids)'
  const error = { kind: 'error', error: new Error(`${why}: ${String(cause)}`, { cause }) } as const
  let events: IsolateEvents | undefined
  setImmediate(() => (events === undefined ? empty.onExit() : events.onExit({ code: 1, error })))
  return {
    run: (_, tenant) => {
      events = tenant
      return { post: () => undefined, kill: () => undefined }
    },
    expect: () => undefined,
    prepare: () => undefined,
    end: () => undefined,
  }
}
