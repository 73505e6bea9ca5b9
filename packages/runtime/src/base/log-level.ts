import { InvalidArgumentError } from './errors.ts'
import { didYouMean } from './nearest-name.ts'
import { shown } from './shown.ts'

/** From the least to the most important; pino's. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Default `info`. */
export function checkLogLevel(level: LogLevel | 'silent' = 'info'): LogLevel | 'silent' {
  const known: readonly string[] = [...LOG_LEVELS, 'silent']
  if (known.includes(level)) return level
  throw new InvalidArgumentError(
    `logLevel is ${shown(level)}, and must be one of ${known.join(', ')}.${typeof level === 'string' ? didYouMean(level, known) : ''}`,
  )
}
