// A service with state: the state lives in an actor, and requests reach it one at a time.
import { ActorSystem, AskTimeoutError, MailboxFullError } from '@troupe/runtime'
import fastify from 'fastify'
import { Stock } from './actors/stock.ts'

const system = await ActorSystem.start({ name: 'shop' })
const stock = await system.spawn(Stock, { name: 'stock', args: [{ lamp: 3, chair: 10 }] })

const app = fastify()
// First no more requests, then no more actors.
app.addHook('onClose', () => system.stop({ drain: true }))

app.setErrorHandler((error, _request, reply) => {
  if (error instanceof MailboxFullError) return reply.code(503).send({ error: 'busy' })
  if (error instanceof AskTimeoutError) return reply.code(504).send({ error: 'too slow' })
  // The actor's own error, with the class it was thrown with.
  if (error instanceof RangeError) return reply.code(404).send({ error: error.message })
  return reply.send(error)
})

app.post<{ Params: { item: string } }>('/reserve/:item', async ({ params }, reply) => {
  const reserved = await stock.ask({ timeoutMs: 2_000 }).reserve(params.item)
  return reply.code(reserved ? 200 : 409).send({ reserved })
})
app.get('/stock', () => stock.ask.left())

const address = await app.listen({ port: 0, host: '127.0.0.1' })

const reserve = (item: string) => fetch(`${address}/reserve/${item}`, { method: 'POST' })
const responses = await Promise.all(Array.from({ length: 20 }, () => reserve('lamp')))
const count = (status: number) => responses.filter((response) => response.status === status).length
console.log(`20 requests for 3 lamps: ${count(200)} got one, ${count(409)} did not`)

const missing = await reserve('sofa')
console.log('a sofa:', missing.status, await missing.json())
console.log('left:', await (await fetch(`${address}/stock`)).json())

await app.close()
console.log('closed')
