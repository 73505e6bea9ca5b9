// A host that is a worker itself: it starts a system, one of its actors fails and comes back, and it ends by itself.
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { ActorSystem } from '@troupe/runtime'
import { actor } from './actors.mjs'

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url))
  worker.on('message', (message) => console.log(JSON.stringify(message)))
  worker.on('exit', (code) => console.log('exit', code))
} else {
  const system = await ActorSystem.start({ name: 'inside' })
  const victim = await system.spawn(actor('victim'), { name: 'victim' })
  const before = [await victim.ask.echo('hello'), victim.askSync.echo('sync')]
  await system.kill(victim)
  parentPort.postMessage([...before, await victim.ask.note('again'), (await system.inspect()).length])
  await system.stop()
}
