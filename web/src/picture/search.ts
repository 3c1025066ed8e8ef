// Where in a picture the digit is: the ink that looks most like one, dark or light.

import { components, maskOf } from './components.ts'
import type { Component } from './components.ts'
import { blurred, inverted } from './filters.ts'
import { above, areaOf, boxOf, plane } from './grid.ts'
import type { Box, Grey, Mask, Plane } from './grid.ts'
import { asPlane, dilated, eroded, inkOf, parting } from './ink.ts'
import { withoutLines } from './lines.ts'
import { withMargin } from './margin.ts'
import { clamp, greatest, mostAreBelow, quantileOfLevels, round, sum } from './numbers.ts'
import { BICUBIC, resizedFar, sizeWithin } from './resample.ts'

const SEARCHED = [96, 192] as const // longest side of the picture in which the digit is looked for
const BLUR = 0.4 // pixels of the picture as it came: finer than that is its grain
const LEAST_INK = 0.06 // share of the paper's light that the faintest pencil takes
const LEAST_CONTRAST = 12 // grey levels, which the grain of a dark background has not
const LEAST_SIZE = 0.04 // of the picture's longest side; a smaller one is a speck
const NEAR_ENOUGH = 64 // pixels of a digit; a smaller one is looked at again, from nearer
const CUT_OUT = 64 // a picture of so few pixels was cut out around its digit
const MOST = 0.45 // of a picture that ink covers; else it is the paper between lines
const COARSE = 3 // a picture enlarged by more holds shapes of a few pixels, but no print or lines
const SHARP = 0.3 // of its contrast that a digit has at its edge, however far out of focus
const NOISE = 0.23 // of the range of grey levels; half of the steps from pixel to pixel are larger
const LEAST_SIDE = 16 // pixels; a narrower picture is made of steps
const FREE = 0.6 // of the picture's longest side, for a digit that does not reach its border
const FILLING = [0.5, 0.7] as const // of the picture's width and height, for a digit that does
const FAT = 0.25 // a digit's stroke is rarely wider than this share of its longest side

/** What may be a digit. */
export interface Found {
  /** How much it looks like one. */
  readonly score: number
  /** Its ink is lighter than the background. */
  readonly light: boolean
  /** Of the searched picture, as `inkOf` gives it. */
  readonly ink: Plane
  /** Which pixels are the digit's. */
  readonly mask: Mask
  /** What part of the picture was searched. */
  readonly area: Box
}

/**
 * Look for a digit; null where there is no ink. What was cut out close to its ink is looked at again
 * on more of its paper, and believed there where it fills the picture.
 */
export function findDigit(picture: Grey): Found | null {
  if (isNoise(picture)) return null
  const found = find(picture, whole(picture), [false, true])
  if (!found || standsFree(placeOf(found), picture)) return found
  if (Math.max(picture.width, picture.height) > SEARCHED[1]) {
    const [width, height] = sizeWithin(SEARCHED[1], picture.width, picture.height)
    picture = resizedFar(picture, width, height, BICUBIC, whole(picture))
  }
  const wide = withMargin(picture)
  if (!wide) return found
  const close = find(wide, whole(wide), [false, true])
  if (!close || !fills(placeOf(close), picture, (wide.height - picture.height) / 2)) return found
  return close.score > found.score ? close : found
}

function whole({ width, height }: Grey): Box {
  return [0, 0, width, height]
}

/** The box of what was found, in the picture's own pixels. */
function placeOf({ mask, area }: Found): Box {
  const scale = mask.width / (area[2] - area[0])
  const [left, top, right, bottom] = boxOf(mask)!
  return [left / scale + area[0], top / scale + area[1], right / scale + area[0], bottom / scale + area[1]]
}

/** Tell whether a pixel says nothing of the next one in its row, as in no picture of paper. */
function isNoise({ width, height, data }: Grey): boolean {
  if (Math.min(width, height) < LEAST_SIDE) return false
  // Some rows of a large picture are enough.
  const every = Math.max(Math.floor(height / 256), 1)
  const rows = plane(width, Math.ceil(height / every))
  for (let y = 0; y < rows.height; y++) {
    const start = y * every * width
    rows.data.set(data.subarray(start, start + width), y * width)
  }
  let low = 255, high = 0
  for (const level of rows.data) {
    low = Math.min(low, level)
    high = Math.max(high, level)
  }
  return !isEven(rows, NOISE * (high - low))
}

/** Tell whether what was found is large and does not reach the border. */
function standsFree([left, top, right, bottom]: Box, { width, height }: Grey): boolean {
  const longest = Math.max(width, height)
  const inside = Math.min(left, top, width - right, height - bottom) > longest / 100
  return inside && Math.max(right - left, bottom - top) >= FREE * longest
}

/** Tell whether what was found within a margin fills the picture that the margin is around. */
function fills([left, top, right, bottom]: Box, { width, height }: Grey, margin: number): boolean {
  const across = Math.min(right - margin, width) - Math.max(left - margin, 0)
  const down = Math.min(bottom - margin, height) - Math.max(top - margin, 0)
  return across / width >= FILLING[0] && down / height >= FILLING[1]
}

function find(picture: Grey, area: Box, sides: readonly boolean[]): Found | null {
  const longest = Math.max(area[2] - area[0], area[3] - area[1])
  const scale = clamp(longest, SEARCHED[0], SEARCHED[1]) / longest
  const width = Math.max(round((area[2] - area[0]) * scale), 1)
  const height = Math.max(round((area[3] - area[1]) * scale), 1)
  const small = blurred(resizedFar(picture, width, height, BICUBIC, area), Math.max(BLUR * scale, 0.7))
  const ranges = rangesOf(small, Math.max(5, round(2 * scale) | 1))
  let best: Found | null = null
  for (const light of sides) {
    for (const one of candidates(small, ranges, light, area)) if (!best || one.score > best.score) best = one
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
  return find(picture, nearer, [best.light]) ?? best
}

/**
 * Look for a digit of one side, with the threshold that parts ink from paper and a higher one: what
 * is printed on paper, squares or a pattern, is darker than paper and lighter than ink.
 */
function candidates(small: Grey, ranges: Plane, light: boolean, area: Box): Found[] {
  const { width, height } = small
  const came = Math.max(area[2] - area[0], area[3] - area[1]) // before it was made smaller or larger
  const scale = Math.max(width, height) / came
  const widest = Math.min(0.17 + 8 / came, 0.4) // the fewer the pixels, the closer it was cut
  const { ink, contrast } = inkOf(light ? inverted(small) : small, widest)
  const most = darkest(ink)
  if (!isDark(ink, most, LEAST_INK) || !isDark(contrast, darkest(contrast), LEAST_CONTRAST)) return []
  const paper = Math.max(0.3 * most, parting(ink))
  const thresholds = [{ threshold: paper, trust: 1 }]
  if (scale <= COARSE) thresholds.push({ threshold: parting(ink, Math.fround(paper)), trust: 0.4 })
  const found: Found[] = []
  for (const { threshold, trust } of thresholds) {
    const mask = above(ink, Math.fround(threshold))
    if (came > CUT_OUT && areaOf(mask) > MOST * mask.data.length) continue
    // A digit hardly touches the border; what surrounds one, taken for ink, does.
    const inside = (1 - shareOfBorder(mask)) ** (came <= CUT_OUT ? 6 : 1)
    const parts = scale > COARSE ? mask : withoutLines(mask)
    const all = components(parts)
    const scores = scoresOf(all, parts, contrast, ranges)
    const score = Math.max(0, ...scores)
    if (score > 0) {
      const chosen = together(all, scores.indexOf(score), width, height)
      found.push({ score: score * (trust * inside), light, ink, mask: maskOf(chosen, width, height), area })
    }
  }
  return found
}

function shareOfBorder({ width, height, data }: Mask): number {
  let count = 0
  for (let x = 0; x < width; x++) count += data[x] + data[(height - 1) * width + x]
  for (let y = 0; y < height; y++) count += data[y * width] + data[y * width + width - 1]
  return count / (2 * (width + height))
}

/** Tell whether the darkest strokes are as dark as `least`, and that is more than noise. */
function isDark(values: Plane, level: number, least: number): boolean {
  return level >= least && isEven(values, level / 6)
}

/** How dark the darkest strokes are. */
function darkest({ data }: Plane): number {
  const values = greatest(data, Math.min(24, data.length))
  return Math.fround(sum(values) / values.length)
}

/** Tell whether most steps from a pixel to the next in its row are below a bound. */
function isEven({ width, height, data }: Plane, bound: number): boolean {
  const steps = new Float32Array(height * (width - 1))
  if (steps.length === 0) return true
  for (let y = 0, at = 0; y < height; y++) {
    for (let i = y * width; i < (y + 1) * width - 1; i++) steps[at++] = Math.abs(data[i + 1] - data[i])
  }
  return mostAreBelow(steps, bound)
}

/** The range of grey levels around each pixel, beyond what the grain makes it. */
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

/**
 * Say how much each component looks like a digit, 0 for specks. It is long, of much contrast, with
 * an edge in the picture all around it (which a shadow or the paper between strokes has not), made
 * of strokes, and not at the border.
 */
function scoresOf(parts: readonly Component[], mask: Mask, contrast: Plane, ranges: Plane): number[] {
  const { width, height, data } = mask
  const least = Math.max(LEAST_SIZE * Math.max(width, height), 5)
  return parts.map(({ top, left, bottom, right, area, runs }) => {
    const longest = Math.max(bottom - top, right - left)
    if (longest < least || area < 8) return 0
    let outline = 0
    let edged = 0
    let third = 0
    let fourth = 0
    for (let run = 0; run < runs.length; run += 2) {
      const start = runs[run]
      const stop = runs[run + 1]
      const y = Math.floor(start / width)
      for (let i = start; i < stop; i++) {
        // The sides of a pixel beyond which the mask ends; counted, they are 4/pi times too long.
        let sides = (i === start ? 1 : 0) + (i === stop - 1 ? 1 : 0)
        if (y === 0 || !data[i - width]) sides++
        if (y === height - 1 || !data[i + width]) sides++
        outline += sides
        edged += sides * ranges.data[i]
        const level = contrast.data[i]
        third += level * level * level
        fourth += level * level * level * level
      }
    }
    const clear = fourth / third // nearly the highest
    const sharp = Math.min(edged / outline / clear, 1)
    if (sharp < SHARP) return 0
    const stroke = (2 * area) / ((outline * Math.PI) / 4)
    const likeStrokes = Math.exp(-((stroke / longest / FAT) ** 2))
    const touching = [top === 0, left === 0, bottom === height, right === width].filter(Boolean).length
    const away = Math.max(
      Math.abs((top + bottom) / 2 / height - 0.5),
      Math.abs((left + right) / 2 / width - 0.5),
    )
    return longest * clear ** 2 * sharp ** 3 * likeStrokes * 0.4 ** touching * (1 - away)
  })
}

/**
 * Choose what belongs to the digit besides its main component: what is near it and no speck. What
 * touches the border is a neighbour's or a line, unless it lies above or below and does not go right
 * across.
 */
function together(parts: readonly Component[], main: number, width: number, height: number): Component[] {
  const of = parts[main]
  const longestOf = (part: Component) => Math.max(part.bottom - part.top, part.right - part.left)
  const side = longestOf(of)
  return parts.filter((part, index) => {
    if (index === main) return true
    const tall = part.bottom - part.top
    const wide = part.right - part.left
    const down = Math.min(part.bottom, of.bottom) - Math.max(part.top, of.top)
    const across = Math.min(part.right, of.right) - Math.max(part.left, of.left)
    const near = down > -0.2 * side && across > -0.2 * side
    const large = longestOf(part) >= 0.2 * side && part.area >= 0.03 * of.area
    const within = part.top > 0 && part.left > 0 && part.bottom < height && part.right < width
    const over = across > 0.6 * Math.min(wide, of.right - of.left)
    const rightAcross = wide > 0.6 * width && tall < 0.15 * wide
    return near && large && (within || (over && !rightAcross))
  })
}
