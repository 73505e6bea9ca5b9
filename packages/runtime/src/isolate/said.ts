import type { LogLevel } from '../base/log-level.ts'

export type OutputStream = 'stdout' | 'stderr'

/** What an actor has written, on its way to the host. */
export type Said =
  | { readonly is: 'output'; readonly stream: OutputStream; readonly text: string }
  /** `fields`: encoded, as one argument. */
  | {
      readonly is: 'log'
      readonly level: LogLevel
      readonly message: string
      readonly fields: Uint8Array | undefined
      readonly timeMs: number
    }
  /** Lines that were cut here. */
  | { readonly is: 'cut'; readonly lines: number }

/** How much of the credit (queue/said.ts) it takes. */
export function charsOf(said: Said): number {
  if (said.is === 'cut') return 0
  return said.is === 'output' ? said.text.length : said.message.length + (said.fields?.length ?? 0) + 64
}
