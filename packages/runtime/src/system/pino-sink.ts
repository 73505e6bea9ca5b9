import type { LogLine } from '../base/events.ts'
import type { LogLevel } from '../base/log-level.ts'

/** What is needed of a pino logger, of any version. */
export type PinoLogger = Readonly<Record<LogLevel, (fields: object, message: string) => void>>

/**
 * The `log` events of a system into pino: `system.events.on('log', pinoSink(pino()))`. Each line has its fields, `actor` (the
 * path) and `incarnation`; an error in the field `err` is serialized as pino does it.
 */
export function pinoSink(logger: PinoLogger): (line: LogLine) => void {
  return ({ path, incarnation, level, message, fields }) => logger[level]({ actor: path, incarnation, ...fields }, message)
}
