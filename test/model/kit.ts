/** What a scenario's threads can do besides running the code under test. The model provides it; nothing here runs for real. */
declare const $model: {
  /** Until one of this thread's asynchronous waits is notified, or, where the scenario allows it, for no reason at all. */
  sleep(): void
  /** Until a thread has come to its end (false) or was killed (true). */
  untilOver(thread: string): boolean
  signal(signal: number): void
  untilSignal(signal: number): void
  /** Facts for the check at the end. All that the check looks at must be said with this, or be in shared memory. */
  log(...facts: number[]): void
  /** All that this thread still knows: states that differ in nothing else are searched once. A variable left out hides states. */
  remember(...values: unknown[]): void
}

export function sleep(): void {
  $model.sleep()
}

export function untilOver(thread: string): boolean {
  return $model.untilOver(thread)
}

export function signal(number: number): void {
  $model.signal(number)
}

export function untilSignal(number: number): void {
  $model.untilSignal(number)
}

export function log(...facts: number[]): void {
  $model.log(...facts)
}

export function remember(...values: unknown[]): void {
  $model.remember(...values)
}

export interface ModelThread<World> {
  readonly name: string
  /** It may be killed at any moment. */
  readonly isVictim?: boolean
  run(world: World): void
}

export interface Outcome {
  /** What the threads have logged, by name. */
  readonly logs: Readonly<Record<string, readonly number[]>>
  /** Threads that wait for somebody, and nobody is left to come. */
  readonly waiting: readonly string[]
  readonly killed: readonly string[]
}

export interface Scenario<World = unknown> {
  readonly name: string
  setup(): World
  readonly threads: readonly ModelThread<World>[]
  /** Throws when what is left is wrong. It may run the code under test: nobody else does any more. */
  check(world: World, outcome: Outcome): void
  /** Threads that may be killed in one schedule. Default 0. */
  readonly killsMax?: number
  /** Times that a sleeper wakes up for no reason, or a wait with a time-out ends by it. Default 0. */
  readonly interruptsMax?: number
  /** Switches away from a thread that could go on. Default: any number. */
  readonly preemptionsMax?: number
  /** Tells states apart also by who wrote what was read: the race check is complete then. Default false. */
  readonly tellWriters?: boolean
}

/** Lets one scenario stand in a list of many. */
export function scenario<World>(one: Scenario<World>): Scenario {
  return one as unknown as Scenario
}

export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}
