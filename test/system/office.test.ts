import { expect, test } from 'vitest'
import type { Destination, FromOffice, OfficePort, Sealed, ToOffice } from '../../packages/runtime/src/isolate/office-line.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { Office } from '../../packages/runtime/src/system/office.ts'
import { GENERATION, newArena, OTHER, open, RECEIVER, SENDER } from '../queue/rig.ts'

/** The other end of a line, and all that was ever sealed: what is open at the end was forgotten by nobody. */
class Line implements OfficePort {
  isClosed = false
  readonly answers: FromOffice[] = []
  readonly opened: { isClosed: boolean }[] = []
  #tell: (message: ToOffice) => void = () => undefined
  #arrived: ToOffice[] = []

  post(message: FromOffice): void {
    this.answers.push(message)
  }

  onMessage(listener: (message: ToOffice) => void): void {
    this.#tell = listener
  }

  drain(): readonly ToOffice[] {
    return this.#arrived.splice(0)
  }

  close(): void {
    this.isClosed = true
  }

  say(message: ToOffice): void {
    this.#tell(message)
  }

  /** Posted, and not told yet. */
  sayLater(message: ToOffice): void {
    this.#arrived.push(message)
  }

  seal(): Sealed {
    const sealed = { isClosed: false, close: () => void (sealed.isClosed = true) }
    this.opened.push(sealed)
    return sealed
  }
}

const SENDERS_LINE = 7
const RECEIVERS_LINE = 9
const bringer = { address: { path: '/sender', seat: SENDER, generation: GENERATION }, incarnation: 1 }
const reader = { address: { path: '/receiver', seat: RECEIVER, generation: GENERATION }, incarnation: 1 }

function scene() {
  const arena = newArena(64)
  const office = new Office(arena, { clock: { nowMs: () => 0, after: () => () => undefined } })
  const [sender, receiver] = [new Line(), new Line()]
  office.addLine(bringer, SENDERS_LINE, new Int32Array(new SharedArrayBuffer(8)), sender)
  office.addLine(reader, RECEIVERS_LINE, new Int32Array(new SharedArrayBuffer(8)), receiver)
  const producer = open(arena)
  /** Something beside the next message; it is committed, or its sender dies before. */
  const bring = (number: number, isCommitted: boolean, say: 'say' | 'sayLater' = 'say'): void => {
    producer.reserve(8)
    const to: Destination = { kind: MESSAGES, seat: RECEIVER, generation: GENERATION, position: producer.reservedPosition() }
    sender[say]({ type: 'deposit', number, to, sealed: sender.seal(), bytes: 10 })
    if (isCommitted) producer.commit()
    else producer.abandon()
  }
  const closed = (): boolean[] => sender.opened.map(({ isClosed }) => isClosed)
  return { arena, office, sender, receiver, bring, closed }
}

test('G4: a bringer that dies leaves its port closed, what it had sent kept, and what it could not send any more thrown away', () => {
  const { office, sender, bring, closed } = scene()
  bring(1, true)
  bring(2, false)
  // Not even told yet when it dies.
  bring(3, false, 'sayLater')
  office.readerGone(bringer)
  expect(sender.isClosed).toBe(true)
  expect(closed()).toEqual([false, true, true])
  expect(office.inTransit()).toEqual({ messages: 1, bytes: 10 })
})

test('G4: at the end of the address of its receiver all that waits for it is thrown away, and nothing else', () => {
  const { office, receiver, bring, closed } = scene()
  bring(1, true)
  bring(2, true)
  receiver.say({ type: 'take', name: { line: SENDERS_LINE, number: 1 } })
  expect(receiver.answers).toEqual([{ sealed: expect.anything() }])
  office.addressEnded({ path: '/other', seat: OTHER, generation: GENERATION })
  expect(office.inTransit().messages).toBe(1)
  office.addressEnded(reader.address)
  // What was taken is its taker's.
  expect(closed()).toEqual([false, true])
  expect(office.inTransit()).toEqual({ messages: 0, bytes: 0 })
})

test('G4: who does not want what was brought has it thrown away, whichever comes first', () => {
  const { office, receiver, bring, closed } = scene()
  bring(1, true)
  receiver.say({ type: 'drop', name: { line: SENDERS_LINE, number: 1 } })
  bring(2, true, 'sayLater')
  receiver.say({ type: 'drop', name: { line: SENDERS_LINE, number: 2 } })
  expect(closed()).toEqual([true, true])
  expect(office.inTransit()).toEqual({ messages: 0, bytes: 0 })
})

test('G4: who waits for what a dead thread was to bring is told that it does not come', () => {
  const { office, receiver } = scene()
  receiver.say({ type: 'take', name: { line: SENDERS_LINE, number: 1 } })
  expect(receiver.answers).toEqual([])
  office.readerGone(bringer)
  expect(receiver.answers).toEqual([{ sealed: undefined }])
})
