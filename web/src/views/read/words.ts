// The result of reading a number, in words.

import type { Reading, Trellis } from '../../api.ts'
import { percent } from '../../parts/dom.ts'

/** The text of the large line, and of the line below it. */
export interface Verdict {
  readonly state: 'blank' | 'nothing' | 'rejected' | 'sure'
  readonly text: string
  readonly detail: string
}

/** Describe a reading in words; null if nothing is drawn. */
export function verdict(reading: Reading | null): Verdict {
  if (!reading) return { state: 'blank', text: 'Write a number', detail: '' }
  const { text, confidence, rejected } = reading
  if (!text && !rejected) return { state: 'nothing', text: 'No number', detail: 'no digits found' }
  if (!rejected) return { state: 'sure', text, detail: `${percent(confidence)} sure` }
  return {
    state: 'rejected',
    text: 'Not sure',
    detail: text ? `perhaps ${text}, ${percent(confidence)}` : 'no digits found',
  }
}

/** Format digits as a whole number and as an amount of money; null if the text is not only digits. */
export function amounts(text: string): { whole: string; cents: string } | null {
  if (!/^\d+$/.test(text)) return null
  const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, ',')
  const stripped = text.replace(/^0+(?=\d)/, '')
  const padded = stripped.padStart(3, '0')
  return { whole: grouped(stripped), cents: `${grouped(padded.slice(0, -2))}.${padded.slice(-2)}` }
}

/** Neighbouring columns with the same symbol on the best path. */
export interface Stretch {
  readonly symbol: number
  readonly first: number
  readonly last: number
}

/** Divide the best path into stretches. */
export function stretches(path: readonly number[]): Stretch[] {
  const found: { symbol: number; first: number; last: number }[] = []
  path.forEach((symbol, column) => {
    const before = found.at(-1)
    if (before?.symbol === symbol) before.last = column
    else found.push({ symbol, first: column, last: column })
  })
  return found
}

/** Describe a column: its most probable symbols, at most three, each with a probability of 1% or more. */
export function columnWords({ columns, symbols, path }: Trellis, column: number): string {
  const probabilities = columns[column]
  const named = symbols
    .map((symbol, k) => ({ symbol, probability: probabilities[k] }))
    .filter(({ probability }) => probability >= 0.01)
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 3)
    .map(({ symbol, probability }) => `${symbol} ${percent(probability)}`)
  return `Column ${column + 1} of ${columns.length}: ${named.join(', ')}; the path takes ${symbols[path[column]]}`
}
