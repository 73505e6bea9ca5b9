import { describeExit } from '@troupe/runtime'

/** Prints how an actor of that class ends, or why it does not start; then the system stops. */
export async function printEnd(system, actorClass) {
  system.events.on('gaveUp', () => undefined)
  try {
    console.log(describeExit(await system.terminated(await system.spawn(actorClass))))
  } catch (error) {
    console.log(error.message)
  }
  await system.stop()
}
