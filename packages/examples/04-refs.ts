// A ref is plain data: it can be sent, kept, and come back in a reply.
import { ActorSystem } from '@troupe/runtime'
import { Auction } from './actors/auction.ts'
import { Bidder } from './actors/bidder.ts'

await using system = await ActorSystem.start({ name: 'refs' })
const auction = await system.spawn(Auction, { name: 'auction' })
const ann = await system.spawn(Bidder, { name: 'ann', args: [120] })
const bob = await system.spawn(Bidder, { name: 'bob', args: [150] })

// The ref of the auction travels to the bidders, and each bidder's own ref from there to the auction.
console.log('ann is number', await ann.ask.join(auction))
console.log('bob is number', await bob.ask.join(auction))

// The reply holds a ref: an object inside other data, which names an actor in another isolate.
const { winner, price } = await auction.ask.sell(100)
console.log(`${winner.path} wins at ${price}`)
console.log('paid:', await winner.ask.pay(price))

// It names an address: whoever has a path can look the same actor up.
const found = await system.lookup<Bidder>('/user/bob')
console.log('paid in all:', await found?.ask.pay(5))
console.log('nobody there:', await system.lookup('/user/carol'))
