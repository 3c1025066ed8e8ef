import type { Answer } from '../network/answer.ts'
import { percent } from './dom.ts'

/** The label of the class "none". */
export const NONE = 'none'

/** An answer in words: a short text for large letters, and a detail with the probability. */
export interface Verdict {
  readonly text: string
  readonly detail: string
  readonly state: 'sure' | 'rejected'
}

/** Describe an answer in words. */
export function verdict({ label, probability, rejected, none, several }: Answer): Verdict {
  if (several) {
    return { text: 'Not sure', detail: 'there are several digits; the Read view reads numbers', state: 'rejected' }
  }
  if (none !== null && none > probability) {
    return {
      text: 'None of these',
      detail: `${percent(none)} sure that it is none of the classes`,
      state: 'rejected',
    }
  }
  if (rejected)
    return { text: 'Not sure', detail: `perhaps ${label}, ${percent(probability)}`, state: 'rejected' }
  return { text: label, detail: `${percent(probability)} sure`, state: 'sure' }
}
