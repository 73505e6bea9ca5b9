import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Server {
  readonly port: number
  /** Connections that are open now. */
  open(): number
  /**
   * The most that were open at a time, above the limit only if they stayed so: what was closed elsewhere is open here until this
   * thread has heard of it.
   */
  most(): number
}

/** A server that counts its connections. */
export async function startServer(limit: number): Promise<Server> {
  const sockets = new Set<Socket>()
  let most = 0
  const server = createServer((socket) => {
    sockets.add(
      socket
        .on('close', () => sockets.delete(socket))
        .on('error', () => undefined)
        .resume(),
    )
    if (sockets.size > limit) void look()
    else most = Math.max(most, sockets.size)
  })
  const look = async (): Promise<void> => {
    let least = sockets.size
    for (let i = 0; i < 10 && least > limit; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      least = Math.min(least, sockets.size)
    }
    most = Math.max(most, least)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as { port: number }).port, open: () => sockets.size, most: () => most }
}
