// What the parts of this view hand to each other.

import type { Unit } from '../../parts/layout.ts'

/** A unit of a stage. */
export interface Spot extends Unit {
  readonly stage: number
}

/** The pieces of one unit, ready to be put into the panel. */
export interface Made {
  /** The map before that the unit read most from, or that was chosen; null for a vector. */
  readonly from: number | null
  readonly parts: readonly HTMLElement[]
}
