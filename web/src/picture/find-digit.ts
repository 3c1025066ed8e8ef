// Finds the digit in a picture: the ink that looks most like a digit, dark or light.

import { components, maskOf } from './components.ts'
import { areSeveral, digitComponents, scoresOf } from './digit-components.ts'
import { blurred, inverted } from './filters.ts'
import { above, areaOf, boxOf, cut, pasted, plane } from './grid.ts'
import type { Box, Grey, Mask, Plane } from './grid.ts'
import { asPlane, dilated, eroded, inkOf, otsuThreshold } from './ink.ts'
import { withoutLines } from './ruled-lines.ts'
import { withMargin } from './extend-background.ts'
import { clamp, greatest, mostAreBelow, quantileOfLevels, round, sum } from './numbers.ts'
import { border } from './picture.ts'
import { BICUBIC, resizedFar, sizeWithin } from './resample.ts'

const SEARCHED = [96, 192] as const // bounds in pixels for the longest side of the picture that is searched
const BLUR = 0.4 // in pixels of the original picture; finer detail is grain
const LEAST_INK = 0.06 // of the faintest pencil, relative to the background
const LEAST_CONTRAST = 12 // in grey levels; more than the grain of a dark background
const NEAR_ENOUGH = 64 // pixels; a smaller digit is searched again in a smaller part of the picture
const CUT_OUT = 64 // pixels; a picture whose longest side is shorter is a crop of one digit
const MOST = 0.45 // if "ink" covers a larger share of the picture, it is the paper between lines
const COARSE = 3 // a picture that is enlarged by more is too small to show print
const LINELESS = 4 // a picture that is enlarged by more is too small to show lines
const NOISE = 0.23 // share of the range of grey levels; in noise, half of the steps from pixel to pixel are larger
const LEAST_SIDE = 16 // pixels; in a smaller picture most steps are edges
const FREE = 0.6 // relative size of a large digit that does not touch the border
const CLEAR = 0.3 // of the picture's range of grey levels: those of a border without ink
const FILLING = [0.5, 0.7] as const // shares of width and height that a cropped digit fills

const BOTH = [false, true] as const // dark ink and light ink

/** A candidate for the digit. */
export interface Found {
  /** The higher the score, the more it looks like a digit. */
  readonly score: number
  /** True if the ink is lighter than the background. */
  readonly light: boolean
  /** The ink of the picture that was searched; see `inkOf`. */
  readonly ink: Plane
  /** The pixels of the digit. */
  readonly mask: Mask
  /** The part of the picture that was searched. */
  readonly area: Box
  /** True if other components look like digits too. */
  readonly several: boolean
}

/**
 * Find the digit; null if there is no ink. A tightly cropped picture is searched again with an extended
 * background, and that result counts if the digit fills the picture.
 */
export function findDigit(picture: Grey): Found | null {
  const found = find(picture, whole(picture), BOTH, 0)
  if (!found) return null
  const free = standsFree(placeOf(found), picture)
  if (free && isClearOfInk(picture)) return found
  if (Math.max(picture.width, picture.height) > SEARCHED[1]) {
    const [width, height] = sizeWithin(SEARCHED[1], picture.width, picture.height)
    picture = resizedFar(picture, width, height, BICUBIC, whole(picture))
  }
  const wide = withMargin(picture)
  if (!wide) return found
  const margin = (wide.height - picture.height) / 2
  const close = find(wide, whole(wide), BOTH, margin)
  if (!close || !fills(placeOf(close), picture, margin)) return found
  // What stands free may be the paper inside a loop, but only if the ink around it is found too.
  if (free && close.light === found.light) return found
  return close.score > found.score ? close : found
}

function whole({ width, height }: Grey): Box {
  return [0, 0, width, height]
}

/** The bounding box of a candidate, in pixels of the original picture. */
function placeOf({ mask, area }: Found): Box {
  const scale = mask.width / (area[2] - area[0])
  const [left, top, right, bottom] = boxOf(mask)!
  return [left / scale + area[0], top / scale + area[1], right / scale + area[0], bottom / scale + area[1]]
}

/** True if neighbouring pixels of a row are unrelated, which is not so in a picture of paper. */
export function isNoise({ width, height, data }: Grey): boolean {
  if (Math.min(width, height) < LEAST_SIDE) return false
  // In a large picture some of the rows are enough.
  const every = Math.max(Math.floor(height / 256), 1)
  const rows = plane(width, Math.ceil(height / every))
  for (let y = 0; y < rows.height; y++) {
    const start = y * every * width
    rows.data.set(data.subarray(start, start + width), y * width)
  }
  return !isEven(rows, NOISE * rangeOf(rows.data))
}

/** The greatest of some grey levels minus the least. */
function rangeOf(levels: Uint8Array | Float32Array): number {
  let low = 255, high = 0
  for (const level of levels) {
    low = Math.min(low, level)
    high = Math.max(high, level)
  }
  return high - low
}

/** True if a candidate is large and does not touch the border. */
function standsFree([left, top, right, bottom]: Box, { width, height }: Grey): boolean {
  const longest = Math.max(width, height)
  const inside = Math.min(left, top, width - right, height - bottom) > longest / 100
  return inside && Math.max(right - left, bottom - top) >= FREE * longest
}

/** True if the border has about one grey level, so that no ink touches it. */
function isClearOfInk(picture: Grey): boolean {
  return rangeOf(border(picture)) <= CLEAR * rangeOf(picture.data)
}

/** True if a candidate in a picture with an extra margin fills the picture inside the margin. */
function fills([left, top, right, bottom]: Box, { width, height }: Grey, margin: number): boolean {
  const across = Math.min(right - margin, width) - Math.max(left - margin, 0)
  const down = Math.min(bottom - margin, height) - Math.max(top - margin, 0)
  return across / width >= FILLING[0] && down / height >= FILLING[1]
}

/**
 * Find the best candidate in an area. Lines are searched within the `margin` that was added to the picture.
 */
function find(picture: Grey, area: Box, lights: readonly boolean[], margin: number): Found | null {
  const longest = Math.max(area[2] - area[0], area[3] - area[1])
  const scale = clamp(longest, SEARCHED[0], SEARCHED[1]) / longest
  const width = Math.max(round((area[2] - area[0]) * scale), 1)
  const height = Math.max(round((area[3] - area[1]) * scale), 1)
  const small = blurred(resizedFar(picture, width, height, BICUBIC, area), Math.max(BLUR * scale, 0.7))
  const ranges = rangesOf(small, Math.max(5, round(2 * scale) | 1))
  const inner: Box = [
    clamp(round((margin - area[0]) * scale), 0, width),
    clamp(round((margin - area[1]) * scale), 0, height),
    clamp(round((picture.width - margin - area[0]) * scale), 0, width),
    clamp(round((picture.height - margin - area[1]) * scale), 0, height),
  ]
  let best: Found | null = null
  for (const light of lights) {
    for (const one of candidates(small, ranges, light, area, inner)) if (!best || one.score > best.score) best = one
  }
  if (!best) return null
  const [left, top, right, bottom] = boxOf(best.mask)!
  const side = Math.max(right - left, bottom - top)
  if (side >= NEAR_ENOUGH || scale >= 1) return best
  const nearer: Box = [
    Math.max(area[0] + (left - side / 2) / scale, area[0]),
    Math.max(area[1] + (top - side / 2) / scale, area[1]),
    Math.min(area[0] + (right + side / 2) / scale, area[2]),
    Math.min(area[1] + (bottom + side / 2) / scale, area[3]),
  ]
  const near = find(picture, nearer, [best.light], margin)
  return near ? { ...near, several: near.several || best.several } : best
}

/**
 * Find candidates of dark ink or of light ink. There are two thresholds, because printed squares and
 * patterns are darker than paper and lighter than ink: one above the paper, one above the print.
 */
function candidates(small: Grey, ranges: Plane, light: boolean, area: Box, inner: Box): Found[] {
  const { width, height } = small
  const original = Math.max(area[2] - area[0], area[3] - area[1]) // longest side before resizing
  const scale = Math.max(width, height) / original
  const widest = Math.min(0.17 + 8 / original, 0.4) // small pictures are cropped more tightly
  const { ink, contrast } = inkOf(light ? inverted(small) : small, widest)
  const most = darkest(ink)
  if (!isDark(ink, most, LEAST_INK) || !isDark(contrast, darkest(contrast), LEAST_CONTRAST)) return []
  const paper = Math.max(0.3 * most, otsuThreshold(ink))
  const thresholds = [paper]
  if (scale <= COARSE) thresholds.push(otsuThreshold(ink, Math.fround(paper)))
  const found: Found[] = []
  let printed = false
  for (const threshold of thresholds) {
    const inked = above(ink, Math.fround(threshold))
    if (original > CUT_OUT && areaOf(inked) > MOST * inked.data.length) continue
    const mask = scale <= LINELESS ? withoutLinesIn(inner, inked) : inked
    const ruled = mask.data.some((cell, i) => cell !== inked.data[i])
    // A digit hardly touches the border; a background that was taken for ink does.
    const inside = (1 - shareOfBorder(mask)) ** (original <= CUT_OUT ? 6 : 1)
    // The higher threshold is the better one if there are lines that it keeps out.
    const trust = threshold === paper || (printed && !ruled) ? inside : inside * 0.4
    printed = ruled
    const all = components(mask)
    const scores = scoresOf(all, mask, contrast, ranges)
    const score = Math.max(0, ...scores)
    if (score > 0) {
      const main = scores.indexOf(score)
      const chosen = digitComponents(all, main, width, height)
      const several = areSeveral(all, scores, main, chosen)
      found.push({ score: score * trust, light, ink, mask: maskOf(chosen, width, height), area, several })
    }
  }
  return found
}

/** Remove ruled lines from a part of a mask. */
function withoutLinesIn(part: Box, mask: Mask): Mask {
  const [left, top, right, bottom] = part
  return right > left && bottom > top ? pasted(withoutLines(cut(mask, part)), mask, left, top) : mask
}

function shareOfBorder({ width, height, data }: Mask): number {
  let count = 0
  for (let x = 0; x < width; x++) count += data[x] + data[(height - 1) * width + x]
  for (let y = 0; y < height; y++) count += data[y * width] + data[y * width + width - 1]
  return count / (2 * (width + height))
}

/** True if the darkest strokes are at least as dark as `least`, and darker than noise. */
function isDark(values: Plane, level: number, least: number): boolean {
  return level >= least && isEven(values, level / 6)
}

/** The mean of the darkest pixels. */
function darkest({ data }: Plane): number {
  const values = greatest(data, Math.min(24, data.length))
  return Math.fround(sum(values) / values.length)
}

/** True if most steps from a pixel to the next in its row are below a bound. */
function isEven({ width, height, data }: Plane, bound: number): boolean {
  const steps = new Float32Array(height * (width - 1))
  if (steps.length === 0) return true
  for (let y = 0, at = 0; y < height; y++) {
    for (let i = y * width; i < (y + 1) * width - 1; i++) steps[at++] = Math.abs(data[i + 1] - data[i])
  }
  return mostAreBelow(steps, bound)
}

/** The range of grey levels around each pixel, minus that of the grain. */
function rangesOf(small: Grey, reach: number): Plane {
  const levels = asPlane(small)
  const high = dilated(levels, reach).data
  const low = eroded(levels, reach).data
  const ranges = plane(small.width, small.height)
  for (let i = 0; i < high.length; i++) ranges.data[i] = high[i] - low[i]
  const grain = quantileOfLevels(ranges.data, 0.25)
  for (let i = 0; i < high.length; i++) ranges.data[i] = Math.max(ranges.data[i] - grain, 0)
  return ranges
}
