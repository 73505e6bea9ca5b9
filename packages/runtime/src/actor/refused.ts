/**
 * Thrown in the place of a handler that was not begun, because the message is its sender's mistake and no failure of ours. No
 * error by itself: one of the same class that a method gets from somebody else, and throws on, is its own failure.
 */
export class Refused {
  readonly why: Error
  constructor(why: Error) {
    this.why = why
  }
  /** For the span of the message, which ends with whatever was thrown. */
  toString(): string {
    return String(this.why)
  }
}
