// A program whose actor's module imports it.
import { ActorSystem } from '@troupe/runtime'
import { Importer } from './importer-of-main.mjs'
import { printEnd } from './print-end.mjs'

export const config = { colour: 'blue' }

async function main() {
  if (process.env.MAIN_AWAITS === 'true') await new Promise(setImmediate)
  console.log('main')
  await printEnd(await ActorSystem.start({ name: 'mixed', spares: 0 }), Importer)
}
void main()
