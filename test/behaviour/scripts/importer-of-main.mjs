import { Actor } from '@troupe/runtime'
import { config } from './main-with-importer.mjs'

export class Importer extends Actor {
  static module = import.meta.url
  colour() {
    return config.colour
  }
}
