/** A least-squares slope with the half width of its 95 % confidence interval. */
export interface Slope {
  readonly perX: number
  readonly halfWidth: number
}

/**
 * Neighbouring samples of memory are alike, so their errors are not independent, and the usual interval would be far too
 * narrow: the variance is that of Newey and West, with lags up to √n (W. Newey, K. West, Econometrica 55, 1987).
 */
export function slopeOf(xs: readonly number[], ys: readonly number[]): Slope {
  const n = xs.length
  const [meanX, meanY] = [mean(xs), mean(ys)]
  const dx = xs.map((x) => x - meanX)
  const sxx = sum(dx.map((d) => d * d))
  const perX = sum(dx.map((d, i) => d * (ys[i]! - meanY))) / sxx
  const scores = dx.map((d, i) => d * (ys[i]! - meanY - perX * d))
  const lags = Math.floor(Math.sqrt(n))
  let variance = sum(scores.map((u) => u * u))
  for (let lag = 1; lag <= lags; lag++) {
    const weight = 1 - lag / (lags + 1)
    for (let i = lag; i < n; i++) variance += 2 * weight * scores[i]! * scores[i - lag]!
  }
  return { perX, halfWidth: (studentsT(n - 2) * Math.sqrt(Math.max(0, variance))) / sxx }
}

/** Of 97.5 %, close enough for any number of samples that makes sense here. */
function studentsT(degrees: number): number {
  return 1.96 + 2.5 / Math.max(1, degrees - 1)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
