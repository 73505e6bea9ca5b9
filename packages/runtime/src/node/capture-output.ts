import type { OutputStream, Said } from '../isolate/said.ts'

/** A worker's own streams go by its parent's event loops, and what is on the way is lost when it is killed. */
interface Sink {
  _write(chunk: unknown, encoding: BufferEncoding, done: () => void): void
  _writev?: unknown
}

/**
 * From here on what is written to the standard output and error of this thread is said to the host at once: in order, and not
 * lost if the thread is killed right after. The streams themselves are made when they are used for the first time.
 */
export function captureOutput(say: (said: Said) => void): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const { get } = Object.getOwnPropertyDescriptor(process, stream)!
    let captured: unknown
    Object.defineProperty(process, stream, {
      configurable: true,
      enumerable: true,
      get: () => (captured ??= capture(get!.call(process) as Sink, stream, say)),
    })
  }
}

function capture(sink: Sink, stream: OutputStream, say: (said: Said) => void): Sink {
  sink._write = (chunk, encoding, done) => {
    say({ is: 'output', stream, text: textOf(chunk, encoding) })
    done()
  }
  // One by one.
  sink._writev = null
  return sink
}

function textOf(chunk: unknown, encoding: BufferEncoding): string {
  if (typeof chunk === 'string')
    return encoding === 'utf8' || (encoding as string) === 'utf-8' ? chunk : Buffer.from(chunk, encoding).toString()
  return Buffer.from(chunk as Uint8Array).toString()
}
