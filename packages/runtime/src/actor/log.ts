import { LOG_LEVELS, type LogLevel } from '../base/log-level.ts'
import type { Codec } from '../codec/codec.ts'
import { copyOf } from '../codec/encoded.ts'
import { describe } from '../codec/refusal.ts'
import type { Said } from '../isolate/said.ts'

/** What belongs to a line of the log besides its text. Anything that can be sent; of the rest a description arrives. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * An actor's log: `this.context.log.warn('slow query', { ms })`. Each line reaches the host as a `log` event (and pino through
 * `pinoSink`), in order with what is written to the console, also when the actor is killed right after. It never throws and
 * never blocks; a flood is cut, and counted.
 */
export class ActorLog {
  readonly #least: number
  readonly #codec: Codec
  readonly #say: (said: Said) => void

  constructor(level: LogLevel | 'silent', codec: Codec, say: (said: Said) => void) {
    this.#least = level === 'silent' ? LOG_LEVELS.length : LOG_LEVELS.indexOf(level)
    this.#codec = codec
    this.#say = say
  }

  /** Whether a line of that level goes anywhere (`logLevel` of the system): for what is dear to put together. */
  isEnabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#least
  }

  trace(message: string, fields?: LogFields): void {
    this.#log('trace', message, fields)
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields)
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields)
  }

  fatal(message: string, fields?: LogFields): void {
    this.#log('fatal', message, fields)
  }

  #log(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (!this.isEnabled(level)) return
    const [text, given] = inOrder(message, fields)
    this.#say({ is: 'log', level, message: text, fields: given && this.#encode(given), timeMs: 0 })
  }

  /** A log must not fail because of what it is about. */
  #encode(fields: LogFields): Uint8Array | undefined {
    const encoded = this.#tryEncode(fields)
    if (encoded !== undefined) return encoded
    const kept: Record<string, unknown> = {}
    for (const key of Object.keys(fields)) {
      const isFine = this.#tryEncode({ value: fields[key] }) !== undefined
      kept[key] = isFine ? fields[key] : describe(fields[key])
    }
    return this.#tryEncode(kept)
  }

  #tryEncode(fields: LogFields): Uint8Array | undefined {
    try {
      return copyOf(this.#codec.encodeArgs([fields], 'a log line'))
    } catch {
      return undefined
    }
  }
}

/** As pino has it, out of habit or past the compiler: `log.error(error, 'text')`. What is no text is the fields, and none of it is lost. */
function inOrder(message: unknown, fields: LogFields | string | undefined): [text: string, fields: LogFields | undefined] {
  const given = typeof fields === 'object' ? fields : undefined
  if (typeof message !== 'object' || message === null) return [String(message), given]
  const isError = message instanceof Error
  const text = typeof fields === 'string' ? fields : isError ? String(message.message) : ''
  return [text, isError ? { ...given, err: message } : { ...given, ...message }]
}
