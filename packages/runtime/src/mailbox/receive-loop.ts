import { prepareLargeBuffer } from '../codec/large-buffers.ts'
import { litterPiece } from '../codec/young-garbage.ts'
import type { Parking } from '../queue/parking.ts'
import { Spinner } from './spinner.ts'
import { Vigil } from './vigil.ts'

/** A turn of the loop gives way to timers and I/O after this: an event loop must live under a flood (D4). */
const TURN_MS = 1
/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 32

export interface LoopPorts {
  nowMs(): number
  /** Runs `task` after the event loop had a chance to do everything else. */
  nextTurn(task: () => void): void
  /** What may be allocated before the next young collection. */
  youngBytesLeft(): number
}

export interface LoopWork {
  /** Does one piece of work. False: there is none. */
  step(): boolean
  /** What to sleep for (WANTS_*); 0: nothing is expected, and the loop rests until it is scheduled. */
  wants(): number
  /** Whether it may come any moment, so that looking out for it may pay. Not where only code of this thread can go on: that waits meanwhile. */
  isDue(): boolean
  /** Called before it sleeps. */
  idle(): void
}

/**
 * What keeps one seat going: work while there is some, make ready what may soon be wanted, spin a moment if that pays, then park. It runs in turns on the
 * thread's own event loop, and never blocks it for longer than a turn.
 */
export class ReceiveLoop {
  readonly #parking: Parking
  readonly #ports: LoopPorts
  readonly #work: LoopWork
  readonly #spinner: Spinner
  readonly #vigil: Vigil | undefined
  readonly #isThere = (): boolean => this.#parking.hasWork(this.#wants)
  #wants = 0
  readonly #turn = (): void => this.#run()
  readonly #wake = (): void => {
    this.#vigil?.woken(this.#ports.nowMs())
    this.#run()
  }
  #isRunning = false
  #isScheduled = false
  #isStopped = false
  /**
   * When this macrotask began, at the latest. Many turns may run as microtasks of one macrotask: their time counts together.
   * It ends when the loop sleeps or gives way. While the loop rests it may end unseen, so whoever comes back after longer
   * than a turn takes it that it did.
   */
  #macrotaskMs: number | undefined
  #lookedMs = 0

  /** `spinMs`: 0 on a machine with one core, where whoever spins keeps the other from working. */
  constructor(parking: Parking, ports: LoopPorts, work: LoopWork, spinMs: number) {
    this.#parking = parking
    this.#ports = ports
    this.#work = work
    this.#spinner = new Spinner(spinMs, ports.nowMs)
    this.#vigil = spinMs === 0 ? undefined : new Vigil()
  }

  /** Something may be to do: runs a turn soon, in a microtask. */
  schedule(): void {
    if (this.#isRunning || this.#isScheduled || this.#isStopped) return
    this.#isScheduled = true
    queueMicrotask(this.#turn)
  }

  stop(): void {
    this.#isStopped = true
    this.#parking.release()
  }

  #run(): void {
    if (this.#isStopped || this.#isRunning) return
    this.#isScheduled = false
    this.#isRunning = true
    try {
      this.#workUntilIdle()
    } finally {
      this.#isRunning = false
    }
  }

  #workUntilIdle(): void {
    this.#parking.awake()
    this.#beginTurn()
    for (;;) {
      for (let steps = 1; this.#work.step(); steps++) {
        if (this.#isStopped) return
        if (steps % STEPS_PER_LOOK === 0 && this.#isTurnOver()) return this.#giveWay()
      }
      const wants = this.#work.wants()
      if (wants === 0 || this.#isStopped) return
      if (this.#isTurnOver()) return this.#giveWay()
      if (litterPiece(this.#ports.youngBytesLeft) || prepareLargeBuffer()) continue
      this.#wants = wants
      if (this.#work.isDue() && this.#spinner.spin(this.#isThere)) continue
      if (this.#vigil?.isKept(this.#ports.nowMs()) === true) return this.#giveWay()
      this.#work.idle()
      if (!this.#parking.park(wants, this.#wake)) continue
      this.#macrotaskMs = undefined
      return
    }
  }

  #beginTurn(): void {
    const nowMs = this.#ports.nowMs()
    if (this.#macrotaskMs === undefined || nowMs - this.#lookedMs > TURN_MS) this.#macrotaskMs = nowMs
    this.#lookedMs = nowMs
  }

  #isTurnOver(): boolean {
    this.#lookedMs = this.#ports.nowMs()
    return this.#lookedMs - this.#macrotaskMs! > TURN_MS
  }

  #giveWay(): void {
    while (litterPiece(this.#ports.youngBytesLeft));
    this.#isScheduled = true
    this.#macrotaskMs = undefined
    this.#ports.nextTurn(this.#turn)
  }
}
