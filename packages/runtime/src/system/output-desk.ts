import type { EventStream, LogLine, SystemEvents } from '../base/events.ts'
import type { Codec } from '../codec/codec.ts'
import { charsOf, type OutputStream, type Said } from '../isolate/said.ts'
import type { Arena } from '../queue/arena.ts'
import { heard, takeUnsaid } from '../queue/said.ts'

export interface DeskPorts {
  readonly events: EventStream
  codec(): Codec
  /** To the process's own output; `done` when it has been taken. */
  write(stream: OutputStream, text: string, done: () => void): void
}

/** What an actor has written, as it reaches the host. */
export interface Heard {
  readonly path: string
  readonly incarnation: number
  readonly seat: number
  readonly said: Said
}

/** An unfinished line is kept up to this, and shown then. */
const LINE_CHARS_MAX = 64 * 1024

/**
 * The host's end of what actors write. Whoever listens to `output` or `log` gets it; what nobody listens to goes to the process's
 * own output, each line with the path of its actor. The actor has room again when it has been taken, and not when it has arrived.
 */
export class OutputDesk {
  readonly #arena: Arena
  readonly #ports: DeskPorts
  /** By path and stream: lines that are not finished. */
  readonly #unfinished = new Map<string, string>()

  constructor(arena: Arena, ports: DeskPorts) {
    this.#arena = arena
    this.#ports = ports
  }

  onSaid(message: Heard): void {
    const { path, incarnation, seat, said } = message
    const done = (): void => {
      heard(this.#arena, seat, charsOf(said))
      const lines = said.is === 'cut' ? 0 : takeUnsaid(this.#arena, seat)
      if (lines > 0) this.onSaid({ ...message, said: { is: 'cut', lines } })
    }
    if (said.is === 'log') return this.#log({ path, incarnation, ...said, fields: this.#read(said.fields) }, done)
    if (said.is === 'output') return this.#output({ path, incarnation, stream: said.stream, text: said.text, cutLines: 0 }, done)
    const text = `… ${said.lines} lines were cut here: ${path} writes faster than they can be shown\n`
    this.#output({ path, incarnation, stream: 'stderr', text, cutLines: said.lines }, done)
  }

  /** The incarnation has ended: what it had not finished is shown as it is. */
  onEnded(path: string): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#unfinished.get(`${stream} ${path}`)
      this.#unfinished.delete(`${stream} ${path}`)
      if (rest !== undefined) this.#ports.write(stream, `[${path}] ${rest}\n`, () => undefined)
    }
  }

  #output(event: SystemEvents['output'], done: () => void): void {
    if (this.#ports.events.hasListeners('output')) {
      this.#ports.events.emit('output', event)
      return done()
    }
    const text = this.#wholeLines(event)
    if (text === '') done()
    else this.#ports.write(event.stream, text, done)
  }

  #wholeLines({ path, stream, text }: SystemEvents['output']): string {
    const key = `${stream} ${path}`
    const lines = ((this.#unfinished.get(key) ?? '') + text).split('\n')
    const rest = lines.pop()!
    if (rest.length > LINE_CHARS_MAX) lines.push(rest)
    if (rest === '' || rest.length > LINE_CHARS_MAX) this.#unfinished.delete(key)
    else this.#unfinished.set(key, rest)
    return lines.map((line) => `[${path}] ${line}\n`).join('')
  }

  #log(event: LogLine, done: () => void): void {
    if (this.#ports.events.hasListeners('log')) {
      this.#ports.events.emit('log', event)
      return done()
    }
    const { path, level, message, fields } = event
    const shown = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields, plain)}`
    this.#ports.write('stdout', `[${path}] ${level.toUpperCase()} ${message.replaceAll('\n', '\n  ')}${shown}\n`, done)
  }

  #read(fields: Uint8Array | undefined): Readonly<Record<string, unknown>> {
    if (fields === undefined) return {}
    try {
      const [read] = this.#ports.codec().decode(fields, 0, fields.length) as [Record<string, unknown>]
      return read
    } catch {
      return {}
    }
  }
}

function plain(_: string, value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? String(value)
  return typeof value === 'bigint' || value instanceof Map || value instanceof Set ? String(value) : value
}
