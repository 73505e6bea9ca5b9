import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ActorRef } from '@troupe/runtime'
import { exposeActor } from '@troupe/runtime/comlink'
import { expect, onTestFinished, test } from 'vitest'
import { Tally } from '../actors/tally.ts'
import { startSystem } from '../behaviour/scene.ts'
import { acceptWebSocket } from './web-socket.ts'

const requireOfRuntime = createRequire(createRequire(import.meta.url).resolve('@troupe/runtime/package.json'))
const COMLINK = requireOfRuntime.resolve('comlink').replace(/umd\/comlink\.js$/, 'esm/comlink.mjs')
const PAGE_MODULE = fileURLToPath(new URL('comlink-page.mjs', import.meta.url))

/** Where a browser may be. Whoever has another one says so. */
const BROWSERS = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const browser = BROWSERS.find((path) => path !== undefined && existsSync(path))

const PAGE = `<!doctype html><script type="module">
import * as comlink from '/comlink.mjs'
import { bridged, callsOver, endpointOf } from '/page.mjs'
const open = () => endpointOf(new WebSocket('ws://' + location.host))
const report = (results) => fetch('/report', { method: 'POST', body: JSON.stringify(results) })
const inWorker = async () => {
  const worker = new Worker('/worker.mjs', { type: 'module' })
  const port = bridged(await open())
  worker.postMessage(port, [port])
  return new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data) })
}
try {
  await report({ page: await callsOver(comlink, await open()), worker: await inWorker(), agent: navigator.userAgent })
} catch (error) {
  await report({ error: String(error) })
}
</script>`

const WORKER = `
import * as comlink from '/comlink.mjs'
import { callsOver } from '/page.mjs'
onmessage = async ({ data }) => postMessage(await callsOver(comlink, data))
`

/** As calls over a fresh connection find it, when `before` has been added already. */
function expected(before: number): unknown[] {
  return [
    before + 1,
    before + 2,
    [before + 3, before + 5, before + 8],
    'RangeError: no',
    expect.stringMatching(/^TypeError: .*only calls of its exposed methods are answered, and this was APPLY reset/),
    expect.stringMatching(/^TypeError: .*only calls of its exposed methods/),
  ]
}

test('D10: the unmodified Comlink calls an actor over a WebSocket', async () => {
  const system = await startSystem()
  const { port } = await serve(await system.spawn(Tally))
  // Node 20 has a WebSocket, but not by default.
  const flags = 'WebSocket' in globalThis ? [] : ['--experimental-websocket', '--no-warnings']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, PAGE_MODULE, COMLINK, `ws://127.0.0.1:${port}`], {
    timeout: 20_000,
  })
  expect(JSON.parse(stdout)).toEqual(expected(0))
})

const title = 'D10: a page in Chromium, and a worker of the page, call an actor through the unmodified Comlink'
test.skipIf(browser === undefined)(
  browser === undefined ? `${title} (no browser here: CHROMIUM_PATH says where one is)` : title,
  async () => {
    const system = await startSystem()
    const { port, reported } = await serve(await system.spawn(Tally))
    openInBrowser(`http://127.0.0.1:${port}/`)
    expect(await reported).toEqual({ page: expected(0), worker: expected(8), agent: expect.stringContaining('Chrome') })
  },
)

/** A site with one page, on which every WebSocket leads to the actor. */
async function serve(tally: ActorRef<Tally>): Promise<{ readonly port: number; readonly reported: Promise<unknown> }> {
  let report: (results: unknown) => void
  const reported = new Promise((resolve) => {
    report = resolve
  })
  const script = (text: string): readonly [string, string] => ['text/javascript', text]
  const files: Record<string, readonly [type: string, text: string]> = {
    '/': ['text/html', PAGE],
    '/worker.mjs': script(WORKER),
    '/page.mjs': script(readFileSync(PAGE_MODULE, 'utf8')),
    '/comlink.mjs': script(readFileSync(COMLINK, 'utf8')),
  }
  const server: Server = createServer(async (request, response) => {
    if (request.url === '/report') report(JSON.parse(String(Buffer.concat(await request.toArray()))))
    const [type, text] = files[request.url!] ?? ['text/plain', '']
    response.writeHead(200, { 'content-type': type }).end(text)
  })
  server.on('upgrade', (request, socket) => void exposeActor(tally, acceptWebSocket(request, socket), { methods: ['add', 'fail'] }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, reported }
}

function openInBrowser(url: string): void {
  const profile = mkdtempSync(join(tmpdir(), 'troupe-browser-'))
  const quiet = [
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-gpu',
    '--disable-quic',
  ]
  // A browser refuses to run as root with its sandbox.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(browser!, ['--headless', ...sandbox, ...quiet, `--user-data-dir=${profile}`, url], {
    stdio: 'ignore',
    detached: true,
  })
  onTestFinished(async () => {
    const closed = once(child, 'close')
    process.kill(-child.pid!, 'SIGKILL')
    await closed
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  })
}
