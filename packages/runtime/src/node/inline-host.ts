import { seatsHere } from '../ref/seats-here.ts'
import { loadedClass } from '../supervisor/loaded-classes.ts'
import type { FromInline, InlineStart, ToInline } from './inline-isolate.ts'
import { IsolateMain } from './isolate-main.ts'
import { loadActor } from './loading.ts'
import { openLine } from './office-port.ts'
import { isolatesModules, ThreadModules } from './thread-modules.ts'

/** The public entry of this very copy. */
const runtime = (): unknown => import(new URL('./isolate-api.js', import.meta.url).href)
const MODULES = new ThreadModules({ import: (url) => import(url), runtime })

/**
 * Runs an actor in this thread, which is its host's: the same life as in a thread of its own, with the same lanes and the same
 * codec. Nothing ends it but itself: what it still runs after its end is cut off from everybody. `memory`: the system's, as
 * this thread has it.
 */
export function runInline({ boot, port }: InlineStart, memory: SharedArrayBuffer): void {
  const here = seatsHere(memory)
  const { seat } = boot.self
  // The host may be an actor, too.
  const modules = isolatesModules() ?? MODULES
  let hasEnded = false
  const say = (notice: FromInline): void => {
    if (!hasEnded) port.postMessage(notice)
  }
  const end = (): void => {
    if (hasEnded) return
    main.abandon()
    here.delete(seat)
    say({ type: 'ended' })
    hasEnded = true
  }
  const main = new IsolateMain(
    { ...boot, memory },
    {
      isShared: true,
      post: say,
      openLine: openLine((opening, moved) => port.postMessage(opening, moved)),
      exit: end,
      modules,
    },
  )
  here.add(seat)
  port.on('message', (signal: ToInline) => (signal.type === 'kill' ? end() : main.onSignal(signal)))
  // The control thread has closed it, or has broken.
  port.on('close', end)
  say({ type: 'taken' })
  const { exportName, source, url } = boot
  // A bundle is made for a class that this thread has not loaded, and for the next version of one (upgrade).
  const loaded = url === source ? loadedClass({ module: source, exportName }) : undefined
  void main.run(boot, loaded === undefined ? loadActor(modules, url, source) : Promise.resolve({ [exportName]: loaded }))
}
