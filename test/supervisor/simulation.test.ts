import { test } from 'vitest'
import { minds } from './minds.ts'
import { likeOtp, underFire } from './simulation.ts'

// A failure prints its seed and its path; give them to fc.assert to see it again.
test('G10: led through the same random story, it does what a sequential supervisor written as OTP does', () => {
  likeOtp(minds, { numRuns: 2_000 })
})

test('G10: whatever happens while it starts and stops children, what must hold always holds, and it comes to an end', () => {
  underFire(minds, { numRuns: 6_000 })
})
