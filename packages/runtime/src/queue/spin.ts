/** Scores and waits of the rule; measured in facts, kept in one place so that a benchmark can vary them. */
const HIT_SCORE_MAX = 8
const MISS_PENALTY = 2
const GIVE_UP_SCORE = -4
const SIT_OUT_MIN = 8
const SIT_OUT_MAX = 32

/**
 * Whether an idle receiver should spin for a moment before it parks (D4). Spinning saves a wake-up of 40 µs and more when
 * the next record is near, and burns a core when it is not: so it is used by its hit ratio. +1 per hit, −2 per miss; when
 * it does not pay it sits out, twice as long each time.
 */
export class SpinRatio {
  #score = 0
  #sitOut = 0
  #idlesLeft = 0

  shouldSpin(): boolean {
    if (this.#idlesLeft === 0) return true
    this.#idlesLeft--
    return false
  }

  /** It has paid every time lately. */
  get isSure(): boolean {
    return this.#score === HIT_SCORE_MAX
  }

  hit(): void {
    this.#score = Math.min(HIT_SCORE_MAX, this.#score + 1)
    this.#sitOut = 0
  }

  miss(): void {
    this.#score -= MISS_PENALTY
    if (this.#score > GIVE_UP_SCORE) return
    this.#score = GIVE_UP_SCORE
    this.#sitOut = Math.min(SIT_OUT_MAX, Math.max(SIT_OUT_MIN, this.#sitOut * 2))
    this.#idlesLeft = this.#sitOut
  }
}
