import type { ActorLife } from './actor-life.ts'

export interface ReloadPorts {
  lives(): Iterable<ActorLife>
  warn(text: string): void
}

/** Puts actors into the place of their own former versions when their sources change (watch mode). */
export class Reloads {
  readonly #ports: ReloadPorts
  /** One after the other: a change may come while another one is carried out. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(ports: ReloadPorts) {
    this.#ports = ports
  }

  changed(module: string, url: string): void {
    this.#last = this.#last.then(() => Promise.all([...this.#ports.lives()].map((life) => this.#reload(life, module, url))))
  }

  broken(module: string, error: unknown): void {
    this.#ports.warn(`watch: ${module} cannot be built, and its actors go on as they are. ${messageOf(error)}`)
  }

  /** It goes on as it was when the new version does not start. */
  async #reload(life: ActorLife, module: string, url: string): Promise<void> {
    try {
      await life.reload(module, url)
    } catch (error) {
      this.#ports.warn(`watch: ${messageOf(error)}`)
    }
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}\n${error.cause.stack}` : error.message
}
