import type { Lane } from './lane.ts'

/** A task's result; `cancel` says that nobody wants it any more. What its `then` gives is a plain promise. */
export interface Task<R> extends Promise<R> {
  /**
   * It rejects with TaskCancelledError. One that has not begun never runs; one that runs goes on unseen, unless `killOnCancel`. False: it is
   * settled already.
   */
  cancel(): boolean
}

/** A task on the side of its executor. */
export class Job {
  readonly fn: number
  readonly args: readonly unknown[]
  resolve!: (value: never) => void
  reject!: (error: unknown) => void
  state: 'waiting' | 'sent' | 'settled' = 'waiting'
  lane: Lane | undefined

  constructor(fn: number, args: readonly unknown[]) {
    this.fn = fn
    this.args = args
  }

  /** A promise with a method, and no subclass: those are several times as slow to wait for. */
  task<R>(cancel: () => boolean): Task<R> {
    const task = new Promise<R>((resolve, reject) => {
      this.resolve = resolve as Job['resolve']
      this.reject = reject
    }) as Task<R>
    task.cancel = cancel
    return task
  }
}
