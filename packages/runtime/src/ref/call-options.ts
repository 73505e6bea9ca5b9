import { InvalidArgumentError } from '../base/errors.ts'
import { checkKeys, checkSignal, checkWord } from '../base/options.ts'
import type { AskOptions, AskSyncOptions, TellOptions, TellRefusal } from './ref-types.ts'

// What is given in `ref.tell({ … })`, `ref.ask({ … })` and `ref.askSync({ … })`. A wrong value would mean something else, in silence.

const TELL_KEYS = ['whenFull', 'timeoutMs']
const REFUSAL_KEYS = ['whenFull']
const ASK_KEYS = ['timeoutMs', 'signal', 'whenFull']
const ASK_SYNC_KEYS = ['timeoutMs', 'whenFull']
const WHEN_FULL = ['wait', 'refuse']

export function checkTell(options: TellOptions | TellRefusal, path: string): void {
  const call = `${path}.tell(…)`
  checkKeys(options, options?.whenFull === 'refuse' ? REFUSAL_KEYS : TELL_KEYS, call)
  checkWord(options.whenFull, WHEN_FULL, call, 'whenFull')
  if (options.whenFull !== undefined) return
  throw new InvalidArgumentError(
    `${call}: whenFull is missing. A tell waits for room with { whenFull: 'wait' }, for timeoutMs at most; without options it never waits.`,
  )
}

export function checkAsk(options: AskOptions, path: string): void {
  const call = `${path}.ask(…)`
  checkKeys(options, ASK_KEYS, call)
  checkWord(options.whenFull, WHEN_FULL, call, 'whenFull')
  checkSignal(options.signal, call)
}

export function checkAskSync(options: AskSyncOptions, path: string): void {
  const call = `${path}.askSync(…)`
  checkKeys(options, ASK_SYNC_KEYS, call)
  checkWord(options.whenFull, WHEN_FULL, call, 'whenFull')
}
