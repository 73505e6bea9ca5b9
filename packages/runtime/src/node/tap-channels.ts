import { channel } from 'node:diagnostics_channel'
import type { TapChannel } from '../ref/taps.ts'

/** Held for good: Node forgets a channel that nobody holds, and whoever subscribes then listens to another one. */
export function tapChannel(name: string): TapChannel {
  return channel(name)
}
