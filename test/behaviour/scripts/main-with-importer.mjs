// A program whose actor's module imports it.
import { ActorSystem, describeExit } from '@troupe/runtime'
import { Importer } from './importer-of-main.mjs'

export const config = { colour: 'blue' }

async function main() {
  if (process.env.MAIN_AWAITS === 'true') await new Promise(setImmediate)
  console.log('main')
  const system = await ActorSystem.start({ name: 'mixed', spares: 0 })
  system.events.on('gaveUp', () => undefined)
  try {
    console.log(describeExit(await system.terminated(await system.spawn(Importer))))
  } catch (error) {
    console.log(error.message)
  }
  await system.stop()
}
void main()
