import { Actor, child, SupervisorError } from '@troupe/runtime'
import { Victim } from './victim.ts'

/** Starts and ends the children of others. */
export class Administrator extends Actor {
  static readonly module = import.meta.url

  async hire(supervisor: string, name: string): Promise<string> {
    return (await this.context.supervisor(supervisor).startChild(child(Victim, { name }))).path
  }

  async fire(supervisor: string, name: string): Promise<void> {
    await this.context.supervisor(supervisor).terminateChild(name)
  }

  /** Who waits for its own end waits until it is killed. */
  leave(supervisor: string, name: string): void {
    this.fire(supervisor, name).catch(() => undefined)
  }

  async names(supervisor: string): Promise<string[]> {
    return (await this.context.supervisor(supervisor).whichChildren()).map(({ name }) => name)
  }

  /** Why it cannot be restarted. */
  async whyNot(supervisor: string, name: string): Promise<string> {
    try {
      await this.context.supervisor(supervisor).restartChild(name)
      return ''
    } catch (error) {
      return error instanceof SupervisorError ? error.why : String(error)
    }
  }
}
