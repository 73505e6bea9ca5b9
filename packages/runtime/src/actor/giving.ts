import { BudgetExceededError } from '../base/errors.ts'
import { NO_MEMORY, PUSHED } from '../queue/lane-producer.ts'
import type { Messenger } from '../ref/messenger.ts'
import type { Call } from './call.ts'
import { OutgoingStream } from './outgoing-stream.ts'

/** Gives the items of a generator to who asked for them. Resolves with what it returns: from here on it is a method that takes a while. */
export function giveStream(to: Call, generator: Iterator<unknown>, messenger: Messenger, call: string): Promise<unknown> {
  const envelope = to.envelope!
  const { sender: seat, senderGeneration: generation } = to.record!.lane
  const stream = new OutgoingStream(generator, {
    encode: (item) => messenger.codec.encodeItemOf(item, call),
    send: (kind, payload) => {
      const pushed = messenger.reply({ seat, generation }, envelope, kind, payload)
      if (pushed === NO_MEMORY) throw new BudgetExceededError(`an item of ${call}`)
      if (pushed !== PUSHED) stream.cancel()
    },
    isAbort: (error) => to.isAbort(error),
  })
  to.stream = stream
  return stream.run()
}
