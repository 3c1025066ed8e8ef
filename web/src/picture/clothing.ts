// Preprocessing of an article of clothing in a photo, with the steps of Fashion-MNIST (Xiao, Rasul and
// Vollgraf 2017, page 3): the photo, on white, is trimmed; its longest edge becomes 28 pixels; it is
// sharpened; the shorter edge is extended to 28; the intensities are negated and made grey. Before these
// steps the article is separated from its background.

import { components, maskOf } from './components.ts'
import { SIDE } from './digit.ts'
import { blurred } from './filters.ts'
import { boxOf, cut, grey } from './grid.ts'
import type { Grey, Mask } from './grid.ts'
import { clamp, round, sumOfDoubles } from './numbers.ts'
import { colours, merged, place, toColour, toGrey } from './picture.ts'
import type { Picture } from './picture.ts'
import { BOX, resizedFar, resizedGrey, resizedMask } from './resample.ts'

const SEARCHED = 112 // longest side in pixels of the picture in which the article is searched
const LEVELS = 16 // levels per channel of the colour histograms
const ROUNDS = 6
const LEAST = 0.05 // an article fills at least this share of the picture
const MOST = 0.9 // and at most this share

/** Make a 28 × 28 image like Fashion-MNIST's of the article in a picture. One colour gives an empty image. */
export function article(picture: Picture): Grey {
  let parts = colours(toColour(picture))
  const { width, height } = parts[0]
  const scale = (8 * SIDE) / Math.max(width, height)
  if (scale < 1) {
    const [wide, high] = scaled(parts[0], scale)
    parts = parts.map((part) => resizedFar(part, wide, high, BOX, [0, 0, width, height]))
  }
  const mask = articleMask(parts)
  const box = boxOf(mask)
  if (!box) return grey(SIDE, SIDE)
  const alone = parts.map((part) => ({ ...part, data: part.data.map((level, i) => (mask.data[i] ? level : 255)) }))
  return likeFashion(alone.map((part) => cut(part, box)))
}

function scaled({ width, height }: Grey, scale: number): [width: number, height: number] {
  return [Math.max(round(width * scale), 1), Math.max(round(height * scale), 1)]
}

/** Apply steps 2 to 6 of the paper. */
function likeFashion(parts: readonly Grey[]): Grey {
  const [width, height] = scaled(parts[0], SIDE / Math.max(parts[0].width, parts[0].height))
  const framed = parts.map((part) => {
    const frame = grey(SIDE, SIDE)
    frame.data.fill(255)
    const small = sharpened(resizedGrey(part, width, height, BOX))
    place(small, frame, Math.floor((SIDE - width) / 2), Math.floor((SIDE - height) / 2))
    return frame
  })
  const levels = toGrey(merged(framed))
  return { ...levels, data: levels.data.map((level) => 255 - level) }
}

/** Sharpen with an unsharp mask: add the difference between the picture and the blurred picture. */
function sharpened(part: Grey): Grey {
  const soft = blurred(part, 1).data
  return { ...part, data: part.data.map((level, i) => clamp(2 * level - soft[i], 0, 255)) }
}

/**
 * Separate the article from its background. Colours that are frequent at the border and rare in the
 * middle are background. In each round the colours give the probability of each pixel, blurred with its
 * neighbours, and the probabilities give new histograms of the colours.
 */
function articleMask(parts: readonly Grey[]): Mask {
  const { width, height } = parts[0]
  const [wide, high] = scaled(parts[0], Math.min(SEARCHED / Math.max(width, height), 1))
  const small = parts.map((part) => resizedGrey(part, wide, high, BOX))
  const unlike = unlikeCorners(small)
  if (!boxOf(unlike)) return grey(width, height)
  const [red, green, blue] = small.map((part) => part.data)
  const bin = 256 / LEVELS
  const colour = Int32Array.from(red, (level, i) =>
    (Math.floor(level / bin) * LEVELS + Math.floor(green[i] / bin)) * LEVELS + Math.floor(blue[i] / bin))
  const middle = priorOf(wide, high)
  let posterior = middle
  for (let step = 0; step < ROUNDS; step++) {
    const inside = frequency(colour, posterior)
    const outside = frequency(colour, posterior.map((one) => 1 - one))
    const likely = middle.map((prior, i) => {
      const here = inside[i] * prior
      return here / Math.max(here + outside[i] * (1 - prior), 1e-12)
    })
    const soft = blurred({ width: wide, height: high, data: Uint8Array.from(likely, (one) => one * 255) }, 1.5)
    posterior = Float64Array.from(soft.data, (level) => level / 255)
  }
  let mask = largestFilled({ width: wide, height: high, data: Uint8Array.from(posterior, (one) => Number(one > 0.5)) })
  const filled = mask.data.reduce((all, cell) => all + cell, 0) / mask.data.length
  if (!(LEAST <= filled && filled <= MOST)) mask = unlike
  return resizedMask(mask, width, height)
}

/** The prior probability that a pixel belongs to the article: high in the middle, low at the border. */
function priorOf(width: number, height: number): Float64Array {
  const away = (place: number, side: number) =>
    Math.abs(side === 1 || place === 0 ? -1 : place === side - 1 ? 1 : place * (2 / (side - 1)) - 1)
  return Float64Array.from({ length: width * height }, (_, i) => {
    const far = Math.max(away(Math.floor(i / width), height), away(i % width, width))
    return clamp(1.05 - far, 0.02, 0.75)
  })
}

/** The frequency of each pixel's colour, and of similar colours, among the weighted pixels. */
function frequency(colour: Int32Array, weights: Float64Array): Float64Array {
  const counts = new Float64Array(LEVELS ** 3)
  for (let i = 0; i < colour.length; i++) counts[colour[i]] += weights[i]
  let cube = counts
  for (const step of [LEVELS ** 2, LEVELS, 1]) {
    const before = cube
    cube = before.map((count, i) => {
      const level = Math.floor(i / step) % LEVELS
      const more = level < LEVELS - 1 ? before[i + step] : 0
      const less = level > 0 ? before[i - step] : 0
      return count + (more + less) / 2
    })
  }
  const total = Math.max(sumOfDoubles(weights), 1e-12)
  return Float64Array.from(colour, (one) => cube[one] / total)
}

/** Keep the largest component and fill its holes. */
function largestFilled(mask: Mask): Mask {
  const { width, height } = mask
  const parts = components(mask)
  if (!parts.length) return mask
  const largest = parts.reduce((best, part) => (part.area > best.area ? part : best))
  const filled = maskOf([largest], width, height)
  const wide = cut(filled, [0, 0, width, height], 1)
  const around = components({ ...wide, data: wide.data.map((cell) => 1 - cell) })
  const outside = maskOf(around.filter(({ top, left }) => top === 0 || left === 0), wide.width, wide.height)
  const inside = { ...outside, data: outside.data.map((cell) => 1 - cell) }
  return cut(inside, [1, 1, width + 1, height + 1])
}

/** Trim as in the paper: a pixel within 5% of the colour of the corners is background. */
function unlikeCorners(parts: readonly Grey[]): Mask {
  const { width, height } = parts[0]
  const far = grey(width, height)
  for (const { data } of parts) {
    const corners = [data[0], data[width - 1], data[(height - 1) * width], data[height * width - 1]]
    corners.sort((a, b) => a - b)
    const usual = (corners[1] + corners[2]) / 2
    data.forEach((level, i) => {
      if (Math.abs(level - usual) > 0.05 * 255) far.data[i] = 1
    })
  }
  const box = boxOf(far)
  if (!box) return far
  const [left, top, right, bottom] = box
  for (let y = top; y < bottom; y++) far.data.fill(1, y * width + left, y * width + right)
  return far
}
