import { ActorDownError, ActorStoppedError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { Codec } from '../codec/codec.ts'
import { fromWireReason } from '../isolate/wire-reason.ts'
import * as E from '../mailbox/envelope.ts'
import type { PrivateBytes } from '../mailbox/payload.ts'
import { rejectAtCaller } from './both-stacks.ts'
import { callText } from './outgoing.ts'
import type { PendingReply } from './pending-replies.ts'

/** What a reply means for who waits for it. */
export function settle(codec: Codec, pending: PendingReply, kind: number, { bytes, start, end, outside }: PrivateBytes): void {
  try {
    if (kind === E.REPLY) return pending.resolve(codec.decode(bytes, start, end, outside))
    if (kind === E.REPLY_ERROR) return rejectAtCaller(pending, codec.decodeError(bytes, start, end))
    const reason = fromWireReason(codec, codec.decode(bytes, start, end, outside) as ExitReason)
    rejectAtCaller(
      pending,
      kind === E.REPLY_DOWN ? new ActorDownError(callText(pending), reason) : new ActorStoppedError(callText(pending), reason),
    )
  } catch (error) {
    pending.reject(error)
  }
}
