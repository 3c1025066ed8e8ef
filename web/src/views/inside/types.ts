// Types that several files of this view share.

import type { Unit } from '../../parts/layout.ts'

/** A unit with the number of its stage. */
export interface Spot extends Unit {
  readonly stage: number
}

/** The computation of a unit's value, as elements of the panel. */
export interface Computation {
  /** The input map that is shown: the one with the largest products, or the user's choice; null for a vector. */
  readonly from: number | null
  readonly parts: readonly HTMLElement[]
}
