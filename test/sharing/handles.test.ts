import { EventEmitter, once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { ActorDownError, AskAbortedError, AskTimeoutError, freeze, move, share } from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Keeper } from '../actors/keeper.ts'
import { eventually, rejection, startSystem } from '../behaviour/scene.ts'

function until(check: () => Promise<boolean>): Promise<void> {
  return eventually(async () => expect(await check()).toBe(true))
}

const TABLE_BYTES = 32 * 1024 * 1024

function bigTable(): ReturnType<typeof freeze<Map<string, { id: number; name: string; pad: Uint8Array }>>> {
  return freeze(new Map([['ann', { id: 1, name: 'Ann', pad: new Uint8Array(TABLE_BYTES) }]]))
}

test('G4: a frozen table crosses as a handle: in arguments, of a constructor too, in results, and in parts', async () => {
  const system = await startSystem()
  const table = bigTable()
  const first = await system.spawn(Keeper, { args: [table] })
  const second = await system.spawn(Keeper)
  expect(await first.ask.nameOf('ann')).toBe('Ann')
  expect(await second.ask.load(table)).toBe(1)
  expect(second.askSync.nameOf('ann')).toBe('Ann')
  expect(await first.ask.forward(second, 'ann')).toBe('Ann')
  expect((await second.ask.table())!.get('ann')!.name).toBe('Ann')
  expect(await system.inTransit()).toEqual({ messages: 0, bytes: 0 })
})

test('G4: an actor that is killed is restarted with the frozen arguments of its constructor', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper, { args: [bigTable()] })
  await system.kill(keeper)
  expect(await keeper.ask.nameOf('ann')).toBe('Ann')
})

test('G4: no isolate can write to a frozen value', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper)
  const table = freeze({ rows: [{ name: 'a' }] })
  expect(await keeper.ask.change(table)).toEqual(['TypeError', 'TypeError', 'TypeError'])
  expect(table.rows[0]!.name).toBe('a')
})

test('G4: frozen tables whose last holder is killed leak nothing', async () => {
  const system = await startSystem({ spares: 0 })
  const gate = await system.spawn(Gate)
  const rounds = 8
  const before = process.memoryUsage().rss
  for (let round = 0; round < rounds; round++) {
    const holder = await system.spawn(Keeper, { args: [bigTable()], restart: 'temporary' })
    await holder.ask.load(bigTable())
    // One more waits in its mailbox, behind a message that is not done.
    holder.ask.hold(gate).catch(() => undefined)
    await until(async () => (await gate.ask.arrived()) > round)
    holder.tell.load(bigTable())
    await system.kill(holder)
    await system.terminated(holder)
  }
  await until(async () => (await system.inTransit()).messages === 0)
  const tables = rounds * 3
  // This thread makes garbage, so that its collector looks. All of them together would be 768 MiB. What each thread's collector has not looked at yet is some of that.
  await until(async () => {
    new ArrayBuffer(TABLE_BYTES)
    return process.memoryUsage().rss - before < (tables * TABLE_BYTES) / 3
  })
})

test('G4: a moved buffer is handed over, and gone here once its message is accepted', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper)
  const bytes = new Uint8Array([1, 2, 3])
  const { buffer } = bytes
  expect(await keeper.ask.flip(move(bytes))).toEqual(new Uint8Array([3, 2, 1]))
  expect(buffer.byteLength).toBe(0)
  expect(() => new Uint8Array(buffer)).toThrow(TypeError)
  await expect(keeper.ask.sum(bytes)).rejects.toThrow(/args\[0\] cannot be sent .*have been moved elsewhere/)
  expect(await system.inTransit()).toEqual({ messages: 0, bytes: 0 })
})

test('G4: a Buffer from the pool is copied, and everybody else keeps theirs', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper)
  const pooled = Buffer.from('abc')
  const neighbour = Buffer.from('def')
  expect(await keeper.ask.sum(move(pooled))).toBe(97 + 98 + 99)
  expect([String(pooled), String(neighbour)]).toEqual(['abc', 'def'])
})

test('G1: what is to be moved stays its sender’s when its message is refused', async () => {
  const system = await startSystem({ limits: { laneMessagesMax: 2 } })
  const gate = await system.spawn(Gate)
  const keeper = await system.spawn(Keeper)
  void keeper.ask.hold(gate)
  await until(async () => (await gate.ask.arrived()) === 1)
  keeper.tell.sum(new Uint8Array(1))
  const bytes = new Uint8Array(1024 * 1024)
  expect(keeper.tell.sum(move(bytes))).toBe(false)
  expect(bytes.byteLength).toBe(1024 * 1024)
  await gate.ask.open()
  expect(await keeper.tell({ whenFull: 'wait' }).sum(move(bytes))).toBe(true)
  expect(bytes.byteLength).toBe(0)
})

test('G4: what was moved waits outside: the next incarnation gets it, also when its sender is dead', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const keeper = await system.spawn(Keeper)
  const held = keeper
    .ask({ timeoutMs: 30_000 })
    .hold(gate)
    .catch((error: unknown) => error)
  await until(async () => (await gate.ask.arrived()) === 1)
  const sums = [1, 2, 3].map((n) => keeper.ask.sum(move(new Uint8Array(1_000).fill(n))))
  expect(await system.inTransit()).toEqual({ messages: 3, bytes: 3_000 })
  await system.kill(keeper)
  expect(await held).toBeInstanceOf(ActorDownError)
  expect(await Promise.all(sums)).toEqual([1_000, 2_000, 3_000])
  expect(await system.inTransit()).toEqual({ messages: 0, bytes: 0 })
})

test('G4: what nobody will read leaves nothing behind: expired, aborted, answered too late, at the end of the address', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const keeper = await system.spawn(Keeper)
  void keeper.ask({ timeoutMs: 30_000 }).hold(gate)
  await until(async () => (await gate.ask.arrived()) === 1)
  const abort = new AbortController()
  const expired = rejection(keeper.ask({ timeoutMs: 1 }).sum(move(new Uint8Array(10))))
  const aborted = rejection(keeper.ask({ signal: abort.signal }).sum(move(new Uint8Array(10))))
  abort.abort()
  expect([await expired, await aborted]).toEqual([expect.any(AskTimeoutError), expect.any(AskAbortedError)])
  expect((await system.inTransit()).messages).toBe(2)
  await gate.ask.open()
  await until(async () => (await system.inTransit()).messages === 0)

  const doomed = await system.spawn(Keeper, { shutdownMs: 10 })
  const closed = await system.spawn(Gate)
  doomed
    .ask({ timeoutMs: 30_000 })
    .hold(closed)
    .catch(() => undefined)
  await until(async () => (await closed.ask.arrived()) === 1)
  doomed.tell.sum(move(new Uint8Array(10)))
  await system.stopActor(doomed).catch(() => undefined)
  await until(async () => (await system.inTransit()).messages === 0)
}, 30_000)

test('G4: a MessagePort can be moved', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper)
  const { port1, port2 } = new MessageChannel()
  await expect(keeper.ask.listen(port2 as never)).rejects.toThrow(
    /a MessagePort, which has one owner. Let one actor own it, and pass the ActorRef; or hand it over with move\(…\)/,
  )
  await keeper.ask.listen(move(port2) as never)
  port1.postMessage('hello')
  expect(await once(port1, 'message')).toEqual(['heard hello'])
  port1.close()
})

test('G4: a FileHandle can be moved, and is closed for its sender', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper)
  const file = await open(new URL(import.meta.url))
  await expect(keeper.ask.read(file as never)).rejects.toThrow(/args\[0\] cannot be sent .*it is a FileHandle, which has one owner/)
  expect(await keeper.ask.read(move(file) as never)).toContain('a FileHandle can be moved')
  expect(file.fd).toBe(-1)
})

test.skipIf(process.platform !== 'linux')('G4: a FileHandle that nobody reads any more is closed', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper, { shutdownMs: 10 })
  const gate = await system.spawn(Gate)
  keeper
    .ask({ timeoutMs: 30_000 })
    .hold(gate)
    .catch(() => undefined)
  await until(async () => (await gate.ask.arrived()) === 1)
  const folder = await mkdtemp(join(tmpdir(), 'troupe-handles-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'unread')
  const file = await open(path, 'w')
  const isOpen = (): boolean => openFiles().includes(path)
  expect(isOpen()).toBe(true)
  expect(keeper.tell.read(move(file) as never)).toBe(true)
  expect(isOpen()).toBe(true)
  await system.stopActor(keeper).catch(() => undefined)
  await until(async () => (await system.inTransit()).messages === 0 && !isOpen())
})

/** What this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

/** From 24 on. */
const movesSockets = Number(process.versions.node.split('.')[0]) >= 24

test('G4: a socket and a server are moved where Node can, and refused in words where it cannot', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper)
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect(port, '127.0.0.1')
  const [socket] = await accepted
  onTestFinished(() => {
    client.destroy()
    socket.destroy()
    server.close()
  })
  await expect(keeper.ask.greet(socket as never)).rejects.toThrow(/it is a socket, which has one owner. Let one actor own it/)
  await expect(keeper.ask.welcome(server as never)).rejects.toThrow(/it is a server, which has one owner. Let one actor own it/)
  if (!movesSockets) {
    await expect(keeper.ask.greet(move(socket) as never)).rejects.toThrow(
      /\(a socket\) cannot be moved: .*Node moves sockets and servers from 24 on.*let one actor own it/,
    )
    // It is still its sender's.
    socket.end('hello from the host')
    return expect(await textOf(client)).toBe('hello from the host')
  }
  await keeper.ask.greet(move(socket) as never)
  expect(await textOf(client)).toBe('hello from an isolate')
  await keeper.ask.welcome(move(server) as never)
  expect(await textOf(connect(port, '127.0.0.1'))).toBe('welcome to an isolate')
})

test('what belongs to its thread is refused in words that say what to do', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper)
  await expect(keeper.ask.sum(new EventEmitter() as never)).rejects.toThrow(
    /an event emitter, of class EventEmitter. Let one actor own it, and pass/,
  )
  expect(() => move(new EventEmitter() as never)).toThrow(
    /move\(\) takes an ArrayBuffer, a typed array, a MessagePort, a FileHandle, a net.Socket/,
  )
})

async function textOf(socket: Socket): Promise<string> {
  return String(Buffer.concat(await socket.toArray()))
}

test('share: both sides see the same memory; without it shared memory is refused', async () => {
  const system = await startSystem()
  const keeper = await system.spawn(Keeper)
  const counts = new Int32Array(new SharedArrayBuffer(16), 4, 2)
  await expect(keeper.ask.bump(counts as never, 1)).rejects.toThrow(/args\[0\] cannot be sent .*shared memory.*send share\(array\)/)
  await keeper.ask.bump(share(counts), 1)
  keeper.askSync.bump(share(counts), 1)
  expect([...counts]).toEqual([0, 2])
  expect(() => share(new Int32Array(1) as never)).toThrow(/share\(\) takes a typed array over a SharedArrayBuffer/)
  expect(() => move(counts as never)).toThrow(/Shared memory is shared with share\(\)/)
})

test('G4: what is moved cannot be the argument of a constructor, which is kept for restarts', async () => {
  const system = await startSystem()
  await expect(system.spawn(Keeper, { args: [move(new Uint8Array(8)) as never] })).rejects.toThrow(/kept for restarts/)
})
