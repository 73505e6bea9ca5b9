import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ComlinkEndpoint } from '@troupe/runtime/comlink'

const TEXT = 0x1
const CLOSE = 0x8
const FINAL = 0x80

/**
 * The server's end of a WebSocket as an endpoint of Comlink: each message is a text of JSON. Of RFC 6455 what a browser needs that
 * sends whole messages: Node has a client only, and a service would take a package.
 */
export function acceptWebSocket({ headers }: IncomingMessage, socket: Duplex): ComlinkEndpoint {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const answer = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  socket.write(`${answer.join('\r\n')}\r\n\r\n`)
  const listeners = new Set<(event: { readonly data: unknown }) => void>()
  let received = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    for (let frame = frameIn(received); frame !== undefined; frame = frameIn(received)) {
      received = received.subarray(frame.length)
      if (frame.kind === CLOSE) socket.end(Buffer.from([FINAL | CLOSE, 0]))
      if (frame.kind !== TEXT) continue
      const data: unknown = JSON.parse(String(frame.payload))
      for (const listener of listeners) listener({ data })
    }
  })
  socket.on('error', () => socket.destroy())
  return {
    postMessage: (message) => void socket.write(textFrame(JSON.stringify(message))),
    addEventListener: (_, listener) => void listeners.add(listener),
    removeEventListener: (_, listener) => void listeners.delete(listener),
  }
}

/** Undefined: it is not all there yet. What a browser sends is masked. */
function frameIn(bytes: Buffer): { kind: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  const start = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < start + 4) return undefined
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  const length = start + 4 + size
  if (bytes.length < length) return undefined
  const mask = bytes.subarray(start, start + 4)
  return { kind: bytes[0]! & 0xf, payload: bytes.subarray(start + 4, length).map((byte, i) => byte ^ mask[i & 3]!) as Buffer, length }
}

function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = payload.length < 126 ? Buffer.from([FINAL | TEXT, payload.length]) : Buffer.from([FINAL | TEXT, 126, 0, 0])
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2)
  return Buffer.concat([head, payload])
}
