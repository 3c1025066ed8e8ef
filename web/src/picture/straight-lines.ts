// Finds straight lines across a mask of ink, and clears them. They may be printed lines or long strokes;
// ruled-lines.ts tells them apart. Level lines may slant by 7 degrees. Upright lines are found in the transpose.

import { transposed } from './grid.ts'
import type { Mask } from './grid.ts'
import { round } from './numbers.ts'

// Rise over run of a page that is not quite straight; of two that fit equally, the first counts.
const SLANTS = Array.from({ length: 13 }, (_, k) => (k === 12 ? 0.12 : k * (0.24 / 12) - 0.12)).sort(
  (a, b) => Math.abs(a) - Math.abs(b),
)
const FULL = 0.8 // a line has ink on at least this share of its way through the picture
const THICK = 0.5 // rows at its edges belong to a line if this share of them is ink
const LONG = 0.5 // its way is at least this share of the picture's width
const SLIM = 8 // a line is at least this many times as long as it is thick
const END = 0.01 // of the picture's width: ink that is nearer to the border reaches it

/** A level line across a picture. */
export interface Line {
  /** The line is in row n + shift of each column. */
  readonly shift: Int32Array
  /** The least n. */
  readonly start: number
  /** The greatest n plus one. */
  readonly stop: number
  /** The columns where its ink begins and ends. */
  readonly first: number
  readonly last: number
  /** Number of rows, with those at its edges where it is not ink all along. */
  readonly thickness: number
  /** Columns of the longest gap in its ink. */
  readonly gap: number
  /** True if it begins, or ends, at the border of the picture. */
  readonly begins: boolean
  readonly ends: boolean
}

/** True if a line reaches both borders. */
export function reaches({ begins, ends }: Line): boolean {
  return begins && ends
}

/** The row at the middle of a line, between pixels. */
export function middleOf({ start, stop, shift }: Line): number {
  return (start + stop) / 2 + shift[shift.length >> 1]
}

/**
 * The lines of the slant with the most ink on lines; all lines of a page have one slant. Those that reach
 * both borders count twice. The first line is the uppermost.
 */
export function levelLines(mask: Mask): Line[] {
  const { width, height } = mask
  const inked = inkedCells(mask)
  if (!inked.length) return []
  const beyond = round((0.12 * width) / 2) // a slanted line may begin or end above or below the picture
  const count = height + 2 * beyond
  const onLine = new Int32Array(count)
  let best: Line[] = []
  let most = 0
  for (const slant of SLANTS) {
    const shift = new Int32Array(width)
    for (let x = 0; x < width; x++) shift[x] = round(slant * (x - width / 2)) - beyond
    onLine.fill(0)
    for (let i = 0; i < inked.length; i += 2) onLine[inked[i] - shift[inked[i + 1]]]++
    const within = columnsWithin(shift, height, count)
    const has = (share: number, n: number) =>
      n >= 0 && n < count && onLine[n] >= share * within[n] && within[n] >= LONG * width
    const lines: Line[] = []
    let amount = 0
    for (let start = 0; start < count; start++) {
      if (!has(FULL, start)) continue
      let stop = start + 1
      while (has(FULL, stop)) stop++
      let top = start
      while (has(THICK, top - 1)) top--
      let bottom = stop
      while (has(THICK, bottom)) bottom++
      if ((bottom - top) * SLIM <= width) {
        const line = measured(mask, shift, start, stop, bottom - top)
        lines.push(line)
        amount += Math.max(...onLine.subarray(start, stop)) * (reaches(line) ? 2 : 1)
      }
      start = stop
    }
    if (amount > most) {
      best = lines
      most = amount
    }
  }
  return best
}

/** The row and the column of each cell with ink, one after the other. */
function inkedCells({ width, height, data }: Mask): Int32Array {
  const cells = new Int32Array(2 * data.length)
  let at = 0
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!data[i++]) continue
      cells[at++] = y
      cells[at++] = x
    }
  }
  return cells.subarray(0, at)
}

/** The number of columns in which each line is inside the picture. */
function columnsWithin(shift: Int32Array, height: number, count: number): Int32Array {
  const change = new Int32Array(count + 1)
  for (const one of shift) {
    change[-one]++
    change[height - one]--
  }
  for (let n = 1; n <= count; n++) change[n] += change[n - 1]
  return change
}

/** Measure a line; its ink may be one pixel above or below. */
function measured(mask: Mask, shift: Int32Array, start: number, stop: number, thickness: number): Line {
  const { width, height } = mask
  let first = -1, last = -1, gap = 0
  let from = -1, to = -1 // its way through the picture
  for (let x = 0; x < width; x++) {
    if (start + shift[x] >= 0 && stop - 1 + shift[x] < height) {
      if (from < 0) from = x
      to = x
    }
    let n = start - 1
    while (n <= stop && !isInk(mask, n + shift[x], x)) n++
    if (n > stop) continue
    if (first < 0) first = x
    else gap = Math.max(gap, x - last - 1)
    last = x
  }
  const end = Math.max(1, round(END * width))
  const [begins, ends] = [first - from <= end, to - last <= end]
  return { shift, start, stop, first, last, thickness, gap, begins, ends }
}

/** Clear the ink on lines and at their edges, except where a stroke continues beyond them. */
export function without(mask: Mask, level: readonly Line[], upright: readonly Line[]): Mask {
  return transposed(cleared(transposed(cleared(mask, level)), upright))
}

function cleared(mask: Mask, lines: readonly Line[]): Mask {
  const { width, height, data } = mask
  const left = data.slice()
  for (const line of lines) {
    const { shift, start, stop } = line
    const reach = reachOf(line)
    for (let x = 0; x < width; x++) {
      if (isCrossed(mask, line, x)) continue
      for (let n = start - reach + 1; n < stop - 1 + reach; n++) {
        const y = n + shift[x]
        if (y >= 0 && y < height) left[y * width + x] = 0
      }
    }
  }
  return { width, height, data: left }
}

/** The number of columns, from `first` to before `end`, in which there is ink above or below a line's edge. */
export function crossings(mask: Mask, line: Line, first = 0, end = mask.width): number {
  let count = 0
  for (let x = first; x < end; x++) if (isCrossed(mask, line, x)) count++
  return count
}

function isCrossed(mask: Mask, line: Line, x: number): boolean {
  const { shift, start, stop } = line
  const reach = reachOf(line)
  return isInk(mask, start - reach + shift[x], x) || isInk(mask, stop - 1 + reach + shift[x], x)
}

function isInk({ width, height, data }: Mask, y: number, x: number): boolean {
  return y >= 0 && y < height && data[y * width + x] === 1
}

/** How far beyond its first and last row a line's blurred edge ends. */
function reachOf({ start, stop }: Line): number {
  return ((stop - start) >> 1) + 2
}
