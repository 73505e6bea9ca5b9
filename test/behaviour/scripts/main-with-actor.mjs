// A program that has its actor's class in its own file, and starts its system in a main() that nobody awaits: at once, or after an await.
import { Actor, ActorSystem } from '@troupe/runtime'
import { printEnd } from './print-end.mjs'

export class Mixed extends Actor {
  static module = import.meta.url
}

async function main() {
  if (process.env.MAIN_AWAITS === 'true') await new Promise(setImmediate)
  console.log('main')
  await printEnd(await ActorSystem.start({ name: 'mixed', spares: 0 }), Mixed)
}
void main()
