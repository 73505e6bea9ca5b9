// A plain worker with what bench/actors/heavy.ts imports: one order in, what came of it out.
import { parentPort } from 'node:worker_threads'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { groupBy, sumBy } from 'lodash-es'
import { bufferCount, map, Subject } from 'rxjs'
import { z } from 'zod'

const Order = z.object({ id: z.string(), customer: z.string(), cents: z.number().int() })
const s3 = new S3Client({ region: 'eu-central-1' })
const orders = new Subject()
let cents = 0
orders
  .pipe(
    bufferCount(1),
    map((each) => sumBy(each, 'cents')),
  )
  .subscribe((sum) => (cents += sum))

parentPort.on('message', (order) => {
  const checked = Order.parse(order)
  orders.next(checked)
  const { Key: key } = new PutObjectCommand({ Bucket: 'orders', Key: checked.id, Body: JSON.stringify(checked) }).input
  if (s3.config === undefined) throw new Error('no client')
  parentPort.postMessage({ cents, customers: Object.keys(groupBy([checked], 'customer')).length, key })
})
