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
      post: (message, moved) => port1.postMessage(message, moved as TransferListItem[]),
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
      post: (message, moved) => port.postMessage(message, moved as TransferListItem[]),
      onMessage: (listener) => void port.on('message', listener).unref(),
      drain: () => [...drained(port)],
      close: () => port.close(),
    },
  }
}

function* drained(port: MessagePort): Iterable<ToOffice> {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) yield got.message as ToOffice
}
