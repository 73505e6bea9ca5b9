import { ActorSystem } from '@troupe/runtime'
import { Crew, type Home } from './crew.ts'

/** Where a `par` finds its crew. */
export interface CrewPlace {
  isWarm(threads: number): boolean
  crew(): Promise<Crew>
  /** It is not needed any more, whether or not it was asked for. */
  release(): void
}

const crews = new WeakMap<Home, Crew>()

/** All `par` of a home share its crew. */
function crewOf(home: Home): Crew {
  const known = crews.get(home) ?? new Crew(home, 'par')
  crews.set(home, known)
  return known
}

export function placeOf(home: Home | undefined): CrewPlace {
  if (home === undefined) return new OwnPlace()
  return { isWarm: (threads) => crewOf(home).isWarm(threads), crew: () => Promise.resolve(crewOf(home)), release: () => {} }
}

/** For whoever names no system there is one, which ends by itself when nobody has used it for so long. */
const IDLE_MS = 1_000

interface OwnSystem {
  readonly started: Promise<ActorSystem>
  users: number
  crew?: Crew
  end?: NodeJS.Timeout
}

let own: OwnSystem | undefined

class OwnPlace implements CrewPlace {
  #mine: OwnSystem | undefined

  isWarm(threads: number): boolean {
    return own?.crew?.isWarm(threads) ?? false
  }

  async crew(): Promise<Crew> {
    if (this.#mine === undefined) {
      own ??= { started: ActorSystem.start({ name: 'par', spares: 0 }), users: 0 }
      this.#mine = own
      own.users++
      clearTimeout(own.end)
    }
    const mine = this.#mine
    const system = await mine.started.catch((error: unknown) => {
      if (own === mine) own = undefined
      throw error
    })
    mine.crew ??= crewOf(system)
    return mine.crew
  }

  release(): void {
    const mine = this.#mine
    if (mine === undefined || --mine.users > 0) return
    mine.end = setTimeout(() => void endOwn(mine), IDLE_MS)
  }
}

async function endOwn(mine: OwnSystem): Promise<void> {
  if (own === mine) own = undefined
  // One that could not be started has nothing to end: who wanted it was told.
  const system = await mine.started.catch(() => undefined)
  await system?.stop()
}
