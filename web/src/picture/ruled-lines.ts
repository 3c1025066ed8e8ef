// Finds ruled lines in a mask of ink, across the whole picture, and removes them.

import { transposed } from './grid.ts'
import type { Mask } from './grid.ts'
import { round } from './numbers.ts'

// Slants (rise over run) of a page that was not held quite straight.
const SLANTS = Array.from({ length: 13 }, (_, k) => (k === 12 ? 0.12 : k * (0.24 / 12) - 0.12))
const FULL = 0.8 // a line has ink on at least this share of its way through the picture
const LONG = 0.5 // this way is at least this share of the picture's width
const SLIM = 15 // a line is at least this many times as long as it is thick; strokes of digits are shorter

/** Remove ruled lines and squares from a mask; strokes that cross them stay. */
export function withoutLines(mask: Mask): Mask {
  return transposed(withoutLevelLines(transposed(withoutLevelLines(mask))))
}

/** Find the slant with the most ink on lines, and remove these lines. */
function withoutLevelLines(mask: Mask): Mask {
  const { width, height } = mask
  const inked = inkedCells(mask)
  const beyond = Math.ceil((0.12 * width) / 2) + 1 // rows above and below the picture in which slanted lines begin or end
  const count = height + 2 * beyond
  let best: { lines: Uint8Array; shift: Int32Array } | null = null
  let most = 0
  const onLine = new Int32Array(count)
  for (const slant of SLANTS) {
    // Line n is in row n + shift of each column.
    const shift = new Int32Array(width)
    for (let x = 0; x < width; x++) shift[x] = round(slant * (x - width / 2)) - beyond
    onLine.fill(0)
    for (let i = 0; i < inked.length; i += 2) onLine[inked[i] - shift[inked[i + 1]]]++
    const within = columnsWithin(shift, height, count)
    let sum = 0
    const lines = new Uint8Array(count)
    for (let n = 0; n < count; n++) {
      if (onLine[n] < FULL * within[n] || within[n] < LONG * width) continue
      lines[n] = 1
      sum += onLine[n]
    }
    if (sum > most) {
      best = { lines, shift }
      most = sum
    }
  }
  return best ? removed(mask, best.lines, best.shift) : mask
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

/** Clear the ink on lines and at their edges, except where a stroke continues beyond them. */
function removed(mask: Mask, lines: Uint8Array, shift: Int32Array): Mask {
  const { width, height, data } = mask
  const left = data.slice()
  const isInk = (line: number, x: number) => {
    const y = line + shift[x]
    return y >= 0 && y < height && data[y * width + x] === 1
  }
  for (let start = 0; start < lines.length; start++) {
    if (!lines[start]) continue
    let stop = start
    while (stop < lines.length && lines[stop]) stop++
    if ((stop - start) * SLIM <= width) {
      const reach = ((stop - start) >> 1) + 2
      for (let x = 0; x < width; x++) {
        if (isInk(start - reach, x) || isInk(stop - 1 + reach, x)) continue
        for (let line = start - reach + 1; line < stop + reach - 1; line++) {
          const y = line + shift[x]
          if (y >= 0 && y < height) left[y * width + x] = 0
        }
      }
    }
    start = stop
  }
  return { width, height, data: left }
}
