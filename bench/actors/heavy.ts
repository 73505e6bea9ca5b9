import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Actor } from '@troupe/runtime'
import { groupBy, sumBy } from 'lodash-es'
import { bufferCount, map, Subject } from 'rxjs'
import { z } from 'zod'

const Order = z.object({ id: z.string(), customer: z.string(), cents: z.number().int() })
type Order = z.infer<typeof Order>

/** An actor as services have them: it checks, sums up and would store. Nothing is sent anywhere. */
export class Heavy extends Actor {
  static readonly module = import.meta.url
  readonly #s3 = new S3Client({ region: 'eu-central-1' })
  readonly #orders = new Subject<Order>()
  #cents = 0

  constructor() {
    super()
    this.#orders
      .pipe(
        bufferCount(1),
        map((orders) => sumBy(orders, 'cents')),
      )
      .subscribe((cents) => (this.#cents += cents))
  }

  add(order: unknown): { readonly cents: number; readonly customers: number; readonly key: string | undefined } {
    const checked = Order.parse(order)
    this.#orders.next(checked)
    const { Key: key } = new PutObjectCommand({ Bucket: 'orders', Key: checked.id, Body: JSON.stringify(checked) }).input
    if (this.#s3.config === undefined) throw new Error('no client')
    return { cents: this.#cents, customers: Object.keys(groupBy([checked], 'customer')).length, key }
  }
}
