import { once } from 'node:events'
import type { FileHandle } from 'node:fs/promises'
import type { Server, Socket } from 'node:net'
import type { MessagePort } from 'node:worker_threads'
import { Actor, type ActorRef, type Frozen, type FrozenMap, type Moved, move, type Shared } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'

export interface Row {
  readonly id: number
  readonly name: string
}
export type Table = FrozenMap<string, Frozen<Row>>

/** Takes whatever is not copied. */
export class Keeper extends Actor {
  static readonly module = import.meta.url
  #table: Table | undefined
  #port: MessagePort | undefined

  constructor(table?: Table) {
    super()
    this.#table = table
  }

  load(table: Table): number {
    this.#table = table
    return table.size
  }

  nameOf(key: string): string | undefined {
    return this.#table?.get(key)?.name
  }

  table(): Table | undefined {
    return this.#table
  }

  row(row: Frozen<Row>): string {
    return row.name
  }

  forward(to: ActorRef<Keeper>, key: string): Promise<string> {
    return to.ask.row(this.#table!.get(key)!)
  }

  /** Returns how it is refused. */
  change(table: Frozen<{ rows: { name: string }[] }>): string[] {
    const rows = table.rows as unknown as { name: string }[]
    const tries = [() => (rows[0]!.name = 'x'), () => rows.push({ name: 'x' }), () => Object.assign(table, { rows: [] })]
    return tries.map((change) => {
      try {
        change()
        return 'changed'
      } catch (error) {
        return (error as Error).name
      }
    })
  }

  sum(bytes: Uint8Array): number {
    return bytes.reduce((sum, byte) => sum + byte, 0)
  }

  flip(bytes: Uint8Array): Uint8Array {
    return move(bytes.reverse())
  }

  async hold(gate: ActorRef<Gate>, _bytes?: Uint8Array): Promise<void> {
    await passGate(gate)
  }

  bump(counts: Shared<Int32Array>, place: number): number {
    return Atomics.add(counts, place, 1)
  }

  listen(port: Moved<MessagePort>): void {
    this.#port = port
    port.on('message', (text: string) => port.postMessage(`heard ${text}`))
  }

  greet(socket: Moved<Socket>): void {
    socket.end('hello from an isolate')
  }

  /** Answers whoever comes, once. */
  welcome(server: Moved<Server>): void {
    void once(server, 'connection').then(([socket]: Socket[]) => {
      server.close()
      socket!.end('welcome to an isolate')
    })
  }

  async read(file: Moved<FileHandle>): Promise<string> {
    const text = await file.readFile('utf8')
    await file.close()
    return text
  }

  hangUp(): void {
    this.#port?.close()
  }
}
