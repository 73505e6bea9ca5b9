import { MessageChannel, type MessagePort, type TransferListItem } from 'node:worker_threads'
import type { BootRecord, FromIsolate, StartIsolate, ToIsolate } from '../isolate/isolate.ts'
import { withOfficePort } from './office-port.ts'

/** The control thread asks the host to run an actor in its own thread. All that the two say of it goes by that port. */
export interface InlineStart {
  readonly type: 'inline'
  readonly boot: BootRecord
  readonly port: MessagePort
}

export type ToInline = ToIsolate | { readonly type: 'kill' }
/** `ended`: the last. */
export type FromInline = FromIsolate | { readonly type: 'ended' }

/** The control thread's end. */
export function inlineIsolates(post: (start: InlineStart, moved: readonly TransferListItem[]) => void): StartIsolate {
  return (boot, events) => {
    const { port1: port, port2 } = new MessageChannel()
    const say = (signal: ToInline): void => port.postMessage(signal)
    port.on('message', (notice: FromInline) => {
      if (notice.type !== 'ended') return events.onNotice(notice.type === 'office' ? withOfficePort(notice) : notice)
      port.close()
      events.onExit({ code: 0, error: undefined })
    })
    post({ type: 'inline', boot, port: port2 }, [port2])
    return { isWarm: true, post: say, kill: () => say({ type: 'kill' }) }
  }
}
