import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { IndexService } from './index-service.ts'
import { PAGE, PAGE_POLICY } from './page.ts'

/** Names under which this machine knows itself. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const QUERY_LENGTH_MAX = 200

const SEARCH_SCHEMA = {
  querystring: {
    type: 'object',
    required: ['q'],
    properties: { q: { type: 'string', minLength: 1, maxLength: QUERY_LENGTH_MAX } },
  },
} as const

/** The HTTP side. It owns the sockets and nothing else: every answer comes from an actor, or from the last known progress. */
export function createServer(service: IndexService): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: 'idle' })
  app.addHook('onRequest', refuseForeignHost)
  app.addHook('onSend', async (_request, reply) => {
    void reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
  })
  app.setErrorHandler(answerError)

  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(PAGE))
  app.get<{ Querystring: { q: string } }>('/search', { schema: SEARCH_SCHEMA }, async ({ query }) => await service.search(query.q))
  app.get('/actors', async () => ({ ...statusOf(service), tree: await service.tree() }))
  // Asks no actor: it must answer while all of them are busy or dead.
  app.get('/health', async () => ({ status: 'ok', ...statusOf(service) }))
  return app
}

function statusOf({ root, progress, seconds, restarts, deadLetters }: IndexService): object {
  return { folder: root, progress, seconds: Number(seconds.toFixed(1)), restarts, deadLetters }
}

/** A page elsewhere can point its own name at this machine and read the answers; the folder is nobody's business. */
async function refuseForeignHost(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const host = request.headers.host?.replace(/:\d+$/, '') ?? ''
  if (!LOOPBACK.has(host)) await reply.code(403).send({ error: 'This service answers to localhost only.' })
}

/** One readable line. A search that no actor could answer in time is not the caller's fault, and not ours for long. */
function answerError(
  error: Error & { code?: string; validation?: unknown; statusCode?: number },
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const isTroupe = error.code?.startsWith('TROUPE_') === true
  const status = error.validation !== undefined ? 400 : isTroupe ? 503 : (error.statusCode ?? 500)
  const text = error.validation !== undefined ? `Give a query of 1 to ${QUERY_LENGTH_MAX} characters: /search?q=promise` : error.message
  void reply.code(status).send({ error: text, code: error.code })
}
