// A teller orders transfers between accounts; an account that pays waits until the other has been credited.
import { Actor, type ActorRef } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { LONG, many, must, type Program, sum, timed } from '../program.ts'

const SEED = 11
const AMOUNT_MAX = 1_000
const START = 1_000_000

export class Account extends Actor {
  static readonly module = import.meta.url
  #balance = START

  credit(amount: number): void {
    this.#balance += amount
  }

  async pay(amount: number, to: ActorRef<Account>): Promise<void> {
    this.#balance -= amount
    await to.ask(LONG).credit(amount)
  }

  balance(): number {
    return this.#balance
  }
}

interface Transfer {
  readonly from: number
  readonly to: number
  readonly amount: number
}

/** As in the paper money flows to later accounts only: two that pay each other would wait for each other (DeadlockError). */
function* transfers(accounts: number, n: number): Generator<Transfer> {
  const dice = new Dice(SEED)
  for (let i = 0; i < n; i++) {
    const from = dice.roll(accounts - 1)
    yield { from, to: from + 1 + dice.roll(accounts - 1 - from), amount: dice.roll(AMOUNT_MAX) }
  }
}

export class Teller extends Actor {
  static readonly module = import.meta.url

  /** All are told to pay, and asked for their balance after that. */
  async order(accounts: readonly ActorRef<Account>[], n: number): Promise<number[]> {
    for (const { from, to, amount } of transfers(accounts.length, n)) must(accounts[from]!.tell.pay(amount, accounts[to]!))
    // An account is credited by those before it, which are ready when they have told their balance.
    const balances: number[] = []
    for (const account of accounts) balances.push(await account.ask(LONG).balance())
    return balances
  }
}

function expectedOf(accounts: number, n: number): number[] {
  const balances = new Array<number>(accounts).fill(START)
  for (const { from, to, amount } of transfers(accounts, n)) {
    balances[from]! -= amount
    balances[to]! += amount
  }
  return balances
}

export const program: Program<{ accounts: number; transfers: number }> = {
  name: 'Bank Transaction',
  paper: '1,001 actors, 50,000 transfers',
  sizes: {
    smoke: { accounts: 3, transfers: 200 },
    quick: { accounts: 8, transfers: 10_000 },
    full: { accounts: 24, transfers: 50_000 },
  },
  async run(system, { accounts, transfers: n }) {
    const refs = await many(accounts, () => system.spawn(Account))
    const teller = await system.spawn(Teller)
    const { ms, value } = await timed(() => teller.ask(LONG).order(refs, n))
    const expected = expectedOf(accounts, n)
    return { ms, messages: 3 * n + 2 * accounts + 2, result: [value, sum(value)], expected: [expected, accounts * START] }
  },
}
