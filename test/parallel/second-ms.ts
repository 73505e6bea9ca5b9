export const SECOND_MS = 1_000
