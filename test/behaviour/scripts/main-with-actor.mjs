// A program that has its actor's class in its own file, and starts its system in a main() that nobody awaits: at once, or after an await.
import { Actor, ActorSystem, describeExit } from '@troupe/runtime'

export class Mixed extends Actor {
  static module = import.meta.url
}

async function main() {
  if (process.env.MAIN_AWAITS === 'true') await new Promise(setImmediate)
  console.log('main')
  const system = await ActorSystem.start({ name: 'mixed', spares: 0 })
  system.events.on('gaveUp', () => undefined)
  try {
    console.log(describeExit(await system.terminated(await system.spawn(Mixed))))
  } catch (error) {
    console.log(error.message)
  }
  await system.stop()
}
void main()
