import { ActorSystem } from '@troupe/runtime'
import { Echo } from '../actors/echo.ts'
import { type Contender, TROUPE } from '../contender.ts'

export const troupe: Contender = {
  name: TROUPE,
  async open() {
    const system = await ActorSystem.start({ name: 'bench' })
    const { ask } = await system.spawn(Echo)
    return {
      add: (n) => ask.add(n),
      work50: (n) => ask.work50(n),
      echo: (bytes) => ask.echo(bytes),
      count: (n) => ask.count(n),
      close: () => system.stop(),
    }
  },
}
