import { InvalidArgumentError } from '../base/errors.ts'
import type { Call } from './call.ts'

/** What a method is left with when its message has been stashed. Nobody but the cell catches it. */
export class Stashed extends Error {
  constructor() {
    super('the message was stashed: leave the method. (Caught by a try around this.context.stash()? Let it pass.)')
  }
}

const NOT_IN_STREAM = {
  stash: 'a stream cannot be stashed. Let its method await what it needs before its first yield.',
  deferReply: 'a stream has no deferred reply: each yield answers. Let its method await what it needs before the next one.',
}

/** The call in progress, if it can be set aside. Throws InvalidArgumentError. */
export function whatCanWait(call: Call | undefined, how: 'deferReply' | 'stash'): Call {
  if (call !== undefined && !call.envelope!.isStream && call.reply === undefined && !call.isStashed) return call
  if (call?.envelope?.isStream === true) throw new InvalidArgumentError(`${how}(): ${NOT_IN_STREAM[how]}`)
  throw new InvalidArgumentError(`${how}(): there is no message in progress that could wait. A method calls deferReply() or stash() once.`)
}
