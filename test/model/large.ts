import { killedSender } from './kills.ts'
import { talk } from './lanes.ts'

/** As in a system of many seats: a receiver looks only at those that have ever sent, and here a sender is new. */
export const scenarios = [talk('two new senders', [[4], [4]], { preemptionsMax: 3 }), killedSender('a new sender dies', [4], 2)]
