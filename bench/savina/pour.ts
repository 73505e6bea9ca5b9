/** Messages between two questions how far the receiver is. */
const WINDOW = 2_048

/**
 * Sends more messages than a mailbox takes: two windows are on their way, so none is refused and the receiver has always
 * something to do.
 */
export async function pour(n: number, send: (i: number) => void, isHandled: () => Promise<unknown>): Promise<void> {
  let windowBefore: Promise<unknown> | undefined
  for (let i = 0; i < n; ) {
    for (const end = Math.min(n, i + WINDOW); i < end; i++) send(i)
    const window = isHandled()
    await windowBefore
    windowBefore = window
  }
  await windowBefore
}

/** The questions, each with its answer, are messages as well. */
export function pouredMessages(n: number): number {
  return n + 2 * Math.ceil(n / WINDOW)
}
