import type { Answer } from '../network/answer.ts'
import { percent } from './dom.ts'

/** What "none of these" is called beside the classes. */
export const NONE = 'none'

/** An answer in words: short enough to be written large, and how sure it is. */
export interface Verdict {
  readonly text: string
  readonly detail: string
  readonly state: 'sure' | 'rejected'
}

/** Say an answer, or why there is none. */
export function verdict({ label, probability, rejected, none }: Answer): Verdict {
  if (none !== null && none > probability) {
    return {
      text: 'None of these',
      detail: `${percent(none)} that it is none of the classes`,
      state: 'rejected',
    }
  }
  if (rejected)
    return { text: 'Not sure', detail: `perhaps ${label}, ${percent(probability)}`, state: 'rejected' }
  return { text: label, detail: `${percent(probability)} sure`, state: 'sure' }
}
