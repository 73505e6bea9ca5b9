// Says what it found in its mailbox, accepts a hundred messages, begins the first, and waits to be killed.
import { ActorSystem } from '@troupe/runtime'
import { Counter } from '../../packages/examples/actors/counter.ts'

const system = await ActorSystem.start({ name: 'doomed' })
const counter = await system.spawn(Counter, { name: 'counter' })

const user = (await system.tree()).children.find(({ path }) => path === '/user')
console.log('found:', user?.children[0]?.mailboxDepth)
const accepted = Array.from({ length: 100 }, () => counter.tell.addSlowly(1, 3_600_000)).filter((isAccepted) => isAccepted)
console.log('accepted:', accepted.length)
