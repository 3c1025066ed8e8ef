// What was read, in words.

import type { Reading, Trellis } from '../../api.ts'
import { percent } from '../../parts/dom.ts'

/** What the large line says, and the line below it. */
export interface Verdict {
  readonly state: 'blank' | 'nothing' | 'rejected' | 'sure'
  readonly text: string
  readonly detail: string
}

/** Say what was read; null: there was nothing to read. */
export function verdict(reading: Reading | null): Verdict {
  if (!reading) return { state: 'blank', text: 'Write a number', detail: '' }
  const { text, confidence, rejected } = reading
  if (!text && !rejected) return { state: 'nothing', text: 'No number', detail: 'nothing here reads as digits' }
  if (!rejected) return { state: 'sure', text, detail: `${percent(confidence)} sure` }
  return {
    state: 'rejected',
    text: 'Not sure',
    detail: text ? `perhaps ${text}, ${percent(confidence)}` : 'nothing here reads as digits',
  }
}

/** Digits as a whole number and as an amount of money, as forms print them; null without digits. */
export function amounts(text: string): { whole: string; cents: string } | null {
  if (!/^\d+$/.test(text)) return null
  const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, ',')
  const stripped = text.replace(/^0+(?=\d)/, '')
  const padded = stripped.padStart(3, '0')
  return { whole: grouped(stripped), cents: `${grouped(padded.slice(0, -2))}.${padded.slice(-2)}` }
}

/** A stretch of columns with the same symbol on the best path. */
export interface Stretch {
  readonly symbol: number
  readonly first: number
  readonly last: number
}

/** The best path, stretch by stretch. */
export function stretches(path: readonly number[]): Stretch[] {
  const found: { symbol: number; first: number; last: number }[] = []
  path.forEach((symbol, column) => {
    const before = found.at(-1)
    if (before?.symbol === symbol) before.last = column
    else found.push({ symbol, first: column, last: column })
  })
  return found
}

/** One column in words: its symbols that are not quite improbable, the most probable first. */
export function columnWords({ columns, symbols, path }: Trellis, column: number): string {
  const shares = columns[column]
  const named = symbols
    .map((symbol, k) => ({ symbol, share: shares[k] }))
    .filter(({ share }) => share >= 0.01)
    .sort((a, b) => b.share - a.share)
    .slice(0, 3)
    .map(({ symbol, share }) => `${symbol} ${percent(share)}`)
  return `Column ${column + 1} of ${columns.length}: ${named.join(', ')}; the path takes ${symbols[path[column]]}`
}
