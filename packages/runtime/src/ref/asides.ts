import type { Codec } from '../codec/codec.ts'
import * as E from '../mailbox/envelope.ts'
import type { PayloadReader } from '../mailbox/payload.ts'
import { takePayload } from '../mailbox/take-payload.ts'
import type { LaneConsumer } from '../queue/lane-consumer.ts'
import type { Callbacks } from './callbacks.ts'
import { itemsIn } from './stream-items.ts'
import type { StreamReader } from './stream-reader.ts'

/** Who asked, and which of its asks it is. */
export interface Asker {
  readonly seat: number
  readonly generation: number
  readonly incarnation: number
  readonly correlation: number
}

export interface AsidePorts {
  readonly codec: Codec
  readonly payloads: PayloadReader
  readonly callbacks: Callbacks
  /** The stream that is read here, if that seat gives it and it is still open. */
  streamOf(incarnation: number, correlation: number, from: number): StreamReader | undefined
  /** Nothing of that stream can be read any more. */
  breakStream(correlation: number, error: unknown): void
}

/** What comes in the lanes of replies and is none: asides of those who give us a stream, and of those whom we give one. */
export class Asides {
  readonly #ports: AsidePorts
  /** Of the caller of what is in progress here: CANCEL, or CREDIT with how many items were taken. */
  onOfCaller: ((asker: Asker, kind: number, value: number) => void) | undefined

  constructor(ports: AsidePorts) {
    this.#ports = ports
  }

  take(lane: LaneConsumer, envelope: E.Envelope): true {
    const { kind, epoch: incarnation, correlation, deadline } = envelope
    if (kind === E.ITEMS || kind === E.ITEM) {
      const stream = this.#ports.streamOf(incarnation, correlation, lane.lane.sender)
      if (stream === undefined) lane.done()
      else this.#takeItems(lane, kind, stream, correlation)
      return true
    }
    if (kind === E.CALLBACK) {
      this.#ports.callbacks.take(lane, envelope)
      return true
    }
    const { sender: seat, senderGeneration: generation } = lane.lane
    lane.done()
    this.onOfCaller?.({ seat, generation, incarnation, correlation }, kind, deadline)
    return true
  }

  /** An item that cannot be read ends its stream. */
  #takeItems(lane: LaneConsumer, kind: number, stream: StreamReader, correlation: number): void {
    const { payloadBytes } = lane
    const { codec, payloads } = this.#ports
    try {
      const items = takePayload(lane, payloads, (payload) => itemsIn(codec, kind === E.ITEM, payload))
      stream.arrived(items, payloadBytes)
    } catch (error) {
      this.#ports.breakStream(correlation, error)
    }
  }
}
