// What a user of Piscina writes by hand: a function for a chunk, and a task for each chunk.
import { isPrime, spin } from '../methods.mjs'

export function countPrimes({ from, to }) {
  let count = 0
  for (let n = from; n < to; n++) if (isPrime(n)) count++
  return count
}

export function spinAll(items) {
  let sum = 0
  for (const micros of items) sum += spin(micros)
  return sum
}

export function double(n) {
  return n * 2
}
