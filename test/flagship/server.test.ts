import { AskTimeoutError } from '@troupe/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import type { IndexService } from '../../packages/examples/flagship/index-service.ts'
import { createServer } from '../../packages/examples/flagship/server.ts'

const progress = { state: 'indexing', found: 3, indexed: 2, skipped: 1, bytesFound: 30, bytesIndexed: 20 }
type Server = ReturnType<typeof createServer>
let app: Server | undefined

afterEach(async () => await app?.close())

function serve(parts: Partial<IndexService> = {}): Server {
  const service = { root: '/data', progress, seconds: 1.23, restarts: 4, deadLetters: 5, ...parts }
  app = createServer(service as unknown as IndexService)
  return app
}

async function get(url: string, headers: Record<string, string> = { host: 'localhost:3000' }) {
  return await app!.inject({ url, headers })
}

test('flagship: the page loads nothing from elsewhere, and runs no script but its own', async () => {
  serve()
  const { statusCode, headers, body } = await get('/')
  expect(statusCode).toBe(200)
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'sha256-[^']+'/)
  expect(body).not.toMatch(/https?:\/\/|innerHTML|insertAdjacentHTML|document\.write| on\w+=/)
})

test('flagship: /health answers without asking any actor', async () => {
  const ask = vi.fn(() => Promise.reject(new Error('no actor is there')))
  serve({ search: ask, summary: ask, tree: ask, skips: ask })
  expect((await get('/health')).json()).toEqual({ status: 'ok', folder: '/data', progress, seconds: 1.2, restarts: 4, deadLetters: 5 })
  expect(ask).not.toHaveBeenCalled()
})

test('flagship: /actors has the tree and the progress', async () => {
  const tree = { path: '/', name: '', kind: 'supervisor', state: 'running', mailboxDepth: 0, method: undefined, restarts: 0 } as const
  serve({ tree: async () => ({ ...tree, restartInMs: undefined, lastExit: undefined, children: [] }) })
  expect((await get('/actors')).json()).toMatchObject({ progress, tree: { path: '/', children: [] } })
})

test('flagship: /search hands the query on as it is', async () => {
  const search = vi.fn(async (query: string) => ({ query, terms: [], hits: [], missing: [], tookMs: 1 }))
  serve({ search })
  expect((await get(`/search?q=${encodeURIComponent('</script> & "ü"')}`)).json()).toMatchObject({ query: '</script> & "ü"' })
})

test('flagship: bad input: a search without a query, or with an endless one, has a clear line', async () => {
  serve()
  for (const url of ['/search', '/search?q=', `/search?q=${'x'.repeat(201)}`]) {
    const { statusCode, body } = await get(url)
    expect([url.slice(0, 20), statusCode, body]).toEqual([
      url.slice(0, 20),
      400,
      expect.stringContaining('Give a query of 1 to 200 characters'),
    ])
  }
})

test('flagship: a search that no actor answers is 503 with the code, and the service goes on', async () => {
  serve({ search: () => Promise.reject(new AskTimeoutError('/index/scatter.gather()', 2_000)) })
  const { statusCode, body } = await get('/search?q=x')
  expect([statusCode, JSON.parse(body)]).toMatchObject([503, { code: 'TROUPE_ASK_TIMEOUT' }])
  expect((await get('/health')).statusCode).toBe(200)
})

test('flagship: a page elsewhere cannot read the folder under a name of its own', async () => {
  serve()
  expect((await get('/health', { host: 'evil.example' })).statusCode).toBe(403)
  expect((await get('/health', { host: 'evil.example:3000' })).statusCode).toBe(403)
  expect((await get('/health', { host: '127.0.0.1:3000' })).statusCode).toBe(200)
  expect((await get('/health', { host: '[::1]:3000' })).statusCode).toBe(200)
})
