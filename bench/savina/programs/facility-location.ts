// Customers come one after another; a quadrant that has become too expensive opens four facilities, which go on for it.
import { Actor, type ActorRef } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { LONG, must, type Program, timed } from '../program.ts'

const SEED = 5
const GRID = 512

export interface Box {
  readonly x: number
  readonly y: number
  readonly side: number
}

type Point = readonly [x: number, y: number]
/** Where a facility is, and how many customers are nearest to it. */
type Facility = readonly [x: number, y: number, customers: number]

interface Located {
  readonly facilities: readonly Facility[]
  readonly messages: number
}

function quarters({ x, y, side }: Box): Box[] {
  const half = side / 2
  return [0, 1, 2, 3].map((i) => ({ x: x + (i % 2) * half, y: y + (i >> 1) * half, side: half }))
}

function quarterOf({ x, y, side }: Box, [px, py]: Point): number {
  return (px >= x + side / 2 ? 1 : 0) + (py >= y + side / 2 ? 2 : 0)
}

function distanceToMiddle({ x, y, side }: Box, [px, py]: Point): number {
  return Math.hypot(px - x - side / 2, py - y - side / 2)
}

export class Quadrant extends Actor {
  static readonly module = import.meta.url
  readonly #box: Box
  readonly #costMax: number
  readonly #levels: number
  #cost = 0
  #customers: Point[] = []
  #parts: readonly ActorRef<Quadrant>[] | undefined
  #received = 0

  constructor(box: Box, costMax: number, levels: number) {
    super()
    this.#box = box
    this.#costMax = costMax
    this.#levels = levels
  }

  async customer(x: number, y: number): Promise<void> {
    this.#received++
    if (this.#parts !== undefined) return this.#forward([x, y])
    this.#customers.push([x, y])
    this.#cost += distanceToMiddle(this.#box, [x, y])
    if (this.#cost > this.#costMax && this.#levels > 0) await this.#split()
  }

  async facilities(): Promise<Located> {
    const { x, y, side } = this.#box
    const messages = this.#received + 2
    if (this.#parts === undefined) return { facilities: [[x + side / 2, y + side / 2, this.#customers.length]], messages }
    const below = await Promise.all(this.#parts.map((part) => part.ask(LONG).facilities()))
    return {
      facilities: below.flatMap(({ facilities }) => facilities),
      messages: below.reduce((total, part) => total + part.messages, messages),
    }
  }

  /** Meanwhile customers wait in the mailbox: an actor handles one message at a time. */
  async #split(): Promise<void> {
    const spawn = (box: Box): Promise<ActorRef<Quadrant>> => this.context.spawn(Quadrant, { args: [box, this.#costMax, this.#levels - 1] })
    this.#parts = await Promise.all(quarters(this.#box).map(spawn))
    for (const point of this.#customers) this.#forward(point)
    this.#customers = []
  }

  #forward(point: Point): void {
    must(this.#parts![quarterOf(this.#box, point)]!.tell.customer(...point))
  }
}

export class Source extends Actor {
  static readonly module = import.meta.url

  /** The question has to come from whoever sent the customers: what another asks may overtake them (G3). */
  async open(root: ActorRef<Quadrant>, customers: number): Promise<Located> {
    for (const point of points(customers)) must(root.tell.customer(...point))
    return await root.ask(LONG).facilities()
  }
}

function* points(n: number): Generator<Point> {
  const dice = new Dice(SEED)
  // Denser towards one corner, so that the tree is not even.
  for (let i = 0; i < n; i++) yield [GRID * dice.fraction() ** 2, GRID * dice.fraction() ** 2]
}

/** The same decisions on an array, one level after the other. */
function directly(all: readonly Point[], box: Box, costMax: number, levels: number): Facility[] {
  let cost = 0
  const isTooExpensive = all.some((point) => (cost += distanceToMiddle(box, point)) > costMax)
  if (!isTooExpensive || levels === 0) return [[box.x + box.side / 2, box.y + box.side / 2, all.length]]
  return quarters(box).flatMap((quarter, i) =>
    directly(
      all.filter((point) => quarterOf(box, point) === i),
      quarter,
      costMax,
      levels - 1,
    ),
  )
}

export const program: Program<{ customers: number; costMax: number; levels: number }> = {
  name: 'Online Facility Location',
  paper: '100,000 customers, quadrants without a limit',
  sizes: {
    smoke: { customers: 300, costMax: 20_000, levels: 1 },
    quick: { customers: 10_000, costMax: 200_000, levels: 2 },
    full: { customers: 50_000, costMax: 300_000, levels: 2 },
  },
  async run(system, { customers, costMax, levels }) {
    const box = { x: 0, y: 0, side: GRID }
    const root = await system.spawn(Quadrant, { args: [box, costMax, levels] })
    const source = await system.spawn(Source)
    const { ms, value } = await timed(() => source.ask(LONG).open(root, customers))
    return { ms, messages: value.messages + 2, result: value.facilities, expected: directly([...points(customers)], box, costMax, levels) }
  },
}
