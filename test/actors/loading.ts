import { METHODS } from 'node:http'
import { Actor } from '@troupe/runtime'

/** Imports what takes Node some time to load. */
export class Loading extends Actor {
  static readonly module = import.meta.url

  methods(): number {
    return METHODS.length
  }
}
