import { MessageChannel, type MessagePort, receiveMessageOnPort, type TransferListItem } from 'node:worker_threads'
import type { OpenOffice } from '../isolate/isolate.ts'
import type { FromOffice, OfficePort, OpenLine, ToOffice } from '../isolate/office-line.ts'

type Post = (opening: OpenOffice, moved: readonly TransferListItem[]) => void

/** `post`: to the control thread. The line holds no thread alive: it is read only when an answer is due. */
export function openLine(post: Post): OpenLine {
  return (line, words) => {
    const { port1, port2 } = new MessageChannel()
    post({ type: 'office', line, words, port: port2 as unknown as OfficePort }, [port2])
    return {
      post: (message) => port1.postMessage(message, message.type === 'deposit' ? [message.sealed as MessagePort] : []),
      seal: (things, moved) => seal(things, moved as TransferListItem[]),
      open: (sealed) => openSealed(sealed as MessagePort),
      receive: () => receiveMessageOnPort(port1)?.message as FromOffice | undefined,
      close: () => port1.close(),
    }
  }
}

/** On the control thread: what has come as a bare port. */
export function withOfficePort(opening: OpenOffice): OpenOffice {
  const port = opening.port as unknown as MessagePort
  return {
    ...opening,
    port: {
      post: (message) => port.postMessage(message, message.sealed === undefined ? [] : [message.sealed as MessagePort]),
      onMessage: (listener) => void port.on('message', listener).unref(),
      drain: () => [...drained(port)],
      close: () => port.close(),
    },
  }
}

/** A port whose other end is closed, and whose queue holds them. Whoever passes it on does not look into it. */
function seal(things: readonly object[], moved: readonly TransferListItem[]): MessagePort {
  const { port1, port2 } = new MessageChannel()
  try {
    port1.postMessage(things, moved)
    return port2
  } finally {
    port1.close()
  }
}

function openSealed(port: MessagePort): readonly unknown[] | undefined {
  const got = receiveMessageOnPort(port)
  port.close()
  return got?.message as readonly unknown[] | undefined
}

function* drained(port: MessagePort): Iterable<ToOffice> {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) yield got.message as ToOffice
}
