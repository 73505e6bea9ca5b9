import { Actor, ActorSystem } from '@troupe/runtime'

// Class and program in one file: an isolate that loads the class runs the program.

export class Mixed extends Actor {
  static readonly module = import.meta.url
}

await using system = await ActorSystem.start({ name: 'mixed' })
await system.spawn(Mixed)
