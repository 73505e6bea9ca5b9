import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

const EVERY_MS = 5

/** A plain HTTP server of this thread, and a process that asks it every few milliseconds. */
export interface HttpProbe {
  readonly url: string
  /** Median latency of the requests that fell due while `work` ran. */
  during<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly p50Ms: number }>
}

export async function withHttp<T>(use: (probe: HttpProbe) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = fork(fileURLToPath(new URL('health-client.mjs', import.meta.url)), [], { execArgv: [] })
  await once(client, 'message')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  try {
    return await use({ url, during: (work) => during(client, url, work) })
  } finally {
    client.disconnect()
    server.close()
    server.closeAllConnections()
  }
}

async function during<T>(client: ChildProcess, url: string, work: () => Promise<T>): Promise<{ result: T; p50Ms: number }> {
  client.send({ url, everyMs: EVERY_MS })
  const result = await work()
  client.send('stop')
  const [{ latenciesMs, failed }] = (await once(client, 'message')) as [{ latenciesMs: number[]; failed: number }]
  if (failed > 0) throw new Error(`${failed} requests failed`)
  return { result, p50Ms: latenciesMs.sort((a, b) => a - b)[latenciesMs.length >> 1]! }
}
