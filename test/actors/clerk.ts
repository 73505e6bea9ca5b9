import { type LeasePool, Leases } from '@troupe/actors'
import { Actor, type ActorRef } from '@troupe/runtime'
import pg from 'pg'

/** Works with PostgreSQL. Its connections count among those of all clerks. */
export class Clerk extends Actor {
  static readonly module = import.meta.url
  readonly #connections: Leases<pg.Client>

  constructor(pool: ActorRef<LeasePool>, host: string, port: number) {
    super()
    this.#connections = new Leases(this.context, pool, {
      create: async () => {
        const client = new pg.Client({ host, port, user: 'postgres', database: 'postgres' })
        client.on('error', () => undefined)
        await client.connect()
        return client
      },
      destroy: (client) => client.end(),
      check: (client) => client.query('select 1'),
    })
  }

  async transfer(amount: number): Promise<number> {
    await using lease = await this.#connections.borrow({ timeoutMs: 20_000 })
    await lease.resource.query('insert into entry values ($1)', [amount])
    const { rows } = await lease.resource.query('select count(*)::int as n from pg_stat_activity where backend_type = $1', [
      'client backend',
    ])
    return rows[0].n
  }

  /** Holds its connection, and does not come back. */
  async hold(): Promise<void> {
    await this.#connections.borrow({ timeoutMs: 20_000 })
  }
}
