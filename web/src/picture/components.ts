// Connected components of a mask. Pixels that touch at a corner are connected.

import { grey } from './grid.ts'
import type { Mask } from './grid.ts'

export interface Component {
  readonly top: number
  readonly left: number
  /** Exclusive, like `right`. */
  readonly bottom: number
  readonly right: number
  /** Number of pixels. */
  readonly area: number
  /** The start and stop of each horizontal run of its pixels, one after the other: indices into the mask. */
  readonly runs: readonly number[]
}

/**
 * Find the components of a mask, in the order of their first pixels.
 *
 * Each row is divided into runs. Runs of neighbouring rows that touch are joined (union-find); the number
 * of a component is that of its first run.
 */
export function components({ width, height, data }: Mask): Component[] {
  const starts: number[] = []
  const stops: number[] = []
  const owner: number[] = []
  const root = (run: number): number => {
    while (owner[run] !== run) run = owner[run] = owner[owner[run]]
    return run
  }
  let above = 0 // the first run of the row above that may still touch
  for (let y = 0; y < height; y++) {
    const first = starts.length
    const row = y * width
    for (let x = 0; x < width; x++) {
      if (!data[row + x]) continue
      const start = row + x
      while (x < width && data[row + x]) x++
      const run = starts.length
      starts.push(start)
      stops.push(row + x)
      owner.push(run)
      while (above < first && stops[above] < start - width) above++
      for (let other = above; other < first && starts[other] <= row + x - width; other++) {
        const [one, two] = [root(other), root(run)]
        owner[Math.max(one, two)] = Math.min(one, two)
      }
    }
    above = first
  }
  return measured(width, starts, stops, starts.map((_, run) => root(run)))
}

function measured(width: number, starts: number[], stops: number[], owners: number[]): Component[] {
  type Growing = { -readonly [Key in keyof Component]: Component[Key] } & { runs: number[] }
  const found = new Map<number, Growing>()
  owners.forEach((owner, run) => {
    const row = Math.floor(starts[run] / width)
    const left = starts[run] - row * width
    const right = stops[run] - row * width
    let one = found.get(owner)
    if (!one) found.set(owner, (one = { top: row, left, bottom: row + 1, right, area: 0, runs: [] }))
    one.left = Math.min(one.left, left)
    one.right = Math.max(one.right, right)
    one.bottom = row + 1
    one.area += right - left
    one.runs.push(starts[run], stops[run])
  })
  return [...found.values()]
}

/** The mask of some components. */
export function maskOf(some: readonly Component[], width: number, height: number): Mask {
  const mask = grey(width, height)
  for (const { runs } of some) {
    for (let run = 0; run < runs.length; run += 2) mask.data.fill(1, runs[run], runs[run + 1])
  }
  return mask
}
