// An article of clothing in a photo, made like an image of Fashion-MNIST. Its own steps (Xiao, Rasul
// and Vollgraf 2017, page 3): the photo, on white, is trimmed; its longest edge becomes 28 pixels; it
// is sharpened; the shorter edge is extended to 28; the intensities are negated and made grey. Before
// that the article is cut out of its surroundings.

import { components, maskOf } from './components.ts'
import { SIDE } from './digit.ts'
import { blurred } from './filters.ts'
import { boxOf, cut, grey } from './grid.ts'
import type { Grey, Mask } from './grid.ts'
import { clamp, round, sumOfDoubles } from './numbers.ts'
import { colours, merged, place, toColour, toGrey } from './picture.ts'
import type { Picture } from './picture.ts'
import { BOX, resizedFar, resizedGrey, resizedMask } from './resample.ts'

const SEARCHED = 112 // longest side of the picture in which the article is looked for
const LEVELS = 16 // of each of red, green and blue, when colours are counted
const ROUNDS = 6
const LEAST = 0.05 // share of the picture that an article fills
const MOST = 0.9

/** Make Fashion-MNIST's 28 × 28 of the article in a picture; one of one colour gives an empty image. */
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

/** Take the paper's steps 2 to 6. */
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

/** Away from the blurred picture by as much as that is away from this one. */
function sharpened(part: Grey): Grey {
  const soft = blurred(part, 1).data
  return { ...part, data: part.data.map((level, i) => clamp(2 * level - soft[i], 0, 255)) }
}

/**
 * Tell the article from what surrounds it. Colours that are frequent at the border and rare in the
 * middle are background. Which pixels those are says more about the colours, and so on, a few
 * rounds; a pixel counts with its neighbours.
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
  const middle = middleOf(wide, high)
  let share = middle
  for (let step = 0; step < ROUNDS; step++) {
    const inside = frequency(colour, share)
    const outside = frequency(colour, share.map((one) => 1 - one))
    const likely = middle.map((prior, i) => {
      const here = inside[i] * prior
      return here / Math.max(here + outside[i] * (1 - prior), 1e-12)
    })
    const soft = blurred({ width: wide, height: high, data: Uint8Array.from(likely, (one) => one * 255) }, 1.5)
    share = Float64Array.from(soft.data, (level) => level / 255)
  }
  let mask = solid({ width: wide, height: high, data: Uint8Array.from(share, (one) => Number(one > 0.5)) })
  const filled = mask.data.reduce((all, cell) => all + cell, 0) / mask.data.length
  if (!(LEAST <= filled && filled <= MOST)) mask = unlike
  return resizedMask(mask, width, height)
}

/** How likely each place is to show the article before anything is seen. */
function middleOf(width: number, height: number): Float64Array {
  const away = (place: number, side: number) =>
    Math.abs(side === 1 || place === 0 ? -1 : place === side - 1 ? 1 : place * (2 / (side - 1)) - 1)
  return Float64Array.from({ length: width * height }, (_, i) => {
    const far = Math.max(away(Math.floor(i / width), height), away(i % width, width))
    return clamp(1.05 - far, 0.02, 0.75)
  })
}

/** How frequent each pixel's colour and its neighbours are among weighted pixels. */
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
function solid(mask: Mask): Mask {
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

/** Trim as the paper does: what is within 5% of the corners' colour is background. */
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
