/** One round of one contender. */
export interface Sample {
  /** By row id: a round may measure several rows. */
  readonly values: Readonly<Record<string, number>>
  /** Processor time of the whole process per operation. Not there where it was not measured in this process. */
  readonly cpuMicros?: number
  /** By the name of a check of the row. */
  readonly checks?: Readonly<Record<string, number>>
}

export interface Runner {
  readonly name: string
  /** Starts afresh, warms up, measures one round, verifies the work and ends what it started. */
  measure(plan: Plan): Promise<Sample>
}

/** How long and how often. */
export interface Plan {
  readonly rounds: number
  /** For all rows together: when it is used up, each further row has one round. Infinity: as long as it takes. */
  readonly budgetMs: number
  readonly warmUpMs: number
  readonly measureMs: number
  /** For idle.cpu: until the memory reducer of V8 rests, and what is measured after that. */
  readonly settleMs: number
  readonly idleMs: number
}

export type Better = 'higher' | 'lower'

/** `atLeast`: Troupe against the best of `against`, above 1 when Troupe is better. `atMost`: a plain bound on Troupe's value. */
export type Target = { readonly against: readonly string[]; readonly atLeast: number } | { readonly atMost: number }

/** A second condition of a row: on the median of what Troupe's samples hold under that name. */
export interface Check {
  readonly name: string
  readonly atLeast?: number
  readonly atMost?: number
}

export interface RowSpec {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly better: Better
  readonly target: Target
  readonly checks?: readonly Check[]
}

/** Rows that are measured together, and who is measured. The first runner is Troupe. */
export interface Experiment {
  readonly rows: readonly RowSpec[]
  readonly runners: readonly Runner[]
  /** Fewer rounds than the plan says, for what takes long. */
  readonly roundsMax?: number
  /** Why it cannot run here; undefined: it can. */
  readonly skipped?: string
}
