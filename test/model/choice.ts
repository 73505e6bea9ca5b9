/** What happens next: a thread goes on, is killed before its operation, or after so many of the plain writes behind it, or is woken. */
export interface Choice {
  readonly what: 'step' | 'kill' | 'killAfter' | 'interrupt'
  readonly thread: number
  readonly writes: number
}

export function textOf({ what, thread, writes }: Choice): string {
  return what === 'step' ? String(thread) : `${what === 'kill' ? 'k' : what === 'interrupt' ? 'i' : `w${writes}-`}${thread}`
}

export function choiceOf(text: string): Choice {
  const [, letter, writes, thread] = /^([kiw]?)(?:(\d+)-)?(\d+)$/.exec(text)!
  const what = letter === 'k' ? 'kill' : letter === 'i' ? 'interrupt' : letter === 'w' ? 'killAfter' : 'step'
  return { what, thread: Number(thread), writes: Number(writes ?? 0) }
}
