// Functions of a module: an isolate gets them bundled, as it gets an actor.
import { SECOND_MS } from './second-ms.ts'

export function toMs(seconds: number): number {
  return seconds * SECOND_MS
}

export async function later(value: string): Promise<string> {
  await Promise.resolve()
  return `${value}!`
}
