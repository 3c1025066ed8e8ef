// Recognizes a picture that is cut along the ink of one digit, where all of the ink is the digit.
//
// In such a picture, strokes reach the borders as printed lines do: the bar of a 7 lies along the upper border,
// the sides of a 0 along the others. So the general search would take strokes for lines.

import { components, maskOf } from './components.ts'
import type { Component } from './components.ts'
import { paperOf } from './extend-background.ts'
import { areaOf, boxOf, cut, grey, plane, transposed } from './grid.ts'
import type { Grey, Mask, Plane } from './grid.ts'
import { asPlane, dilated, strokeWidth } from './ink.ts'
import { clamp, quantile, round } from './numbers.ts'
import { border } from './picture.ts'
import { BICUBIC, resizedFar, sizeWithin } from './resample.ts'
import { isRuled } from './ruled-lines.ts'
import { levelLines } from './straight-lines.ts'

const LONGEST = 192 // pixels; a larger picture is scaled down
const INK = 0.4 // of the usual contrast: what is ink
const LEAST = 40 // grey levels: the contrast of ink that stands out from its paper
const PALE = 0.7 // of the darkest ink: the least usual ink
const EVEN = 0.8 // of the darkest ink: the usual ink of a pen; print is paler
const MOST = 0.7 // of the picture that is ink
const MOST_BORDER = 0.6 // of the border that is ink
const OPPOSITE = 0.05 // of the picture that differs from the paper in the other direction
const FAINT = 0.15 // of the usual contrast: print on paper, which is fainter than ink
const MOST_FAINT = 0.005 // of the picture that is faint and away from the ink
const NEAR = 0.06 // of the longest side: how far from a border the ink may end
const MAIN = 0.45 // of each side: the least extent of the largest component
const PIECE = 0.03 // of the largest component's area; a smaller one is a speck
const AS_HIGH = 0.65 // of the largest component's height: that of another digit
const WIDEST = 1.6 // times as wide as high: several digits that touch

/**
 * The ink of a grey picture, 0 to 1, if it is one digit that was cut out closely; its longest side is at most
 * 192. Null if the picture has a margin, printed lines, several digits or no clear ink.
 */
export function closeCrop(picture: Grey): Plane | null {
  if (Math.max(picture.width, picture.height) > LONGEST) {
    const [width, height] = sizeWithin(LONGEST, picture.width, picture.height)
    picture = resizedFar(picture, width, height, BICUBIC, [0, 0, picture.width, picture.height])
  }
  const { width, height } = picture
  const ink = inkOf(picture)
  const darkest = ink.data.reduce((most, level) => Math.max(most, level), -Infinity)
  if (darkest < LEAST) return null
  const usual = quantile(ink.data.filter((level) => level > darkest / 2), 0.5)
  if (usual < Math.max(LEAST, PALE * darkest)) return null
  const mask = where(ink, (level) => level > INK * usual)
  const faint = where(ink, (level) => level > FAINT * usual)
  const parts = components(mask)
  if (!fills(mask) || !isOneDigit(parts, width, height)) return null
  const share = (of: Mask) => areaOf(of) / of.data.length
  if (share(where(ink, (level) => level < -INK * usual)) > OPPOSITE) return null
  if (share(away(faint, mask)) > MOST_FAINT) return null
  if (usual < EVEN * darkest && (levelLines(mask).length || levelLines(transposed(mask)).length)) return null
  if (isRuled(cut(mask, boxOf(mask)!)) || isRuled(cut(faint, boxOf(faint)!))) return null
  const most = Math.max(...parts.map(({ area }) => area))
  const strokes = maskOf(parts.filter(({ area }) => area >= PIECE * most), width, height).data
  const result = plane(width, height)
  for (let i = 0; i < strokes.length; i++) {
    result.data[i] = mask.data[i] && !strokes[i] ? 0 : clamp(ink.data[i] / usual, 0, 1)
  }
  return result
}

/** The difference of each pixel from the paper, in grey levels; that of the ink is positive. */
function inkOf(picture: Grey): Plane {
  const { width, height, data } = picture
  const paper = paperOf(picture)
  const ink = plane(width, height)
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < data.length; i++) {
    ink.data[i] = data[i] - round(paper(i % width, Math.floor(i / width)))
    low = Math.min(low, ink.data[i])
    high = Math.max(high, ink.data[i])
  }
  if (high <= -low) for (let i = 0; i < data.length; i++) ink.data[i] = -ink.data[i] // dark ink
  return ink
}

function where({ width, height, data }: Plane, holds: (level: number) => boolean): Mask {
  const mask = grey(width, height)
  for (let i = 0; i < data.length; i++) mask.data[i] = holds(data[i]) ? 1 : 0
  return mask
}

/** True if ink reaches all borders of a picture and covers most of none. */
function fills(mask: Mask): boolean {
  const { width, height, data } = mask
  const [left, top, right, bottom] = boxOf(mask)!
  const edge = border(mask)
  return (
    Math.max(left, top, width - right, height - bottom) <= Math.max(1, round(NEAR * Math.max(width, height))) &&
    areaOf(mask) / data.length <= MOST &&
    edge.reduce((count, cell) => count + cell, 0) / edge.length <= MOST_BORDER
  )
}

/** The faint pixels that are farther from the ink than half of a stroke's width. */
function away(faint: Mask, mask: Mask): Mask {
  const padded = cut(mask, [0, 0, mask.width, mask.height], 1)
  const near = dilated(asPlane(mask), 2 * Math.ceil(strokeWidth(padded) / 2) + 3)
  return { ...faint, data: faint.data.map((cell, i) => (cell && !near.data[i] ? 1 : 0)) }
}

/** True if the largest component is nearly the whole digit, and no other is a digit. */
function isOneDigit(parts: readonly Component[], width: number, height: number): boolean {
  const main = parts.reduce((most, part) => (part.area > most.area ? part : most))
  const tall = main.bottom - main.top
  const another = parts.some((part) => {
    const alongside = part.left >= main.right || part.right <= main.left
    const inside =
      part.top > main.top && part.left > main.left && part.bottom < main.bottom && part.right < main.right
    return (alongside && part.bottom - part.top >= AS_HIGH * tall) || (inside && part.area >= PIECE * main.area)
  })
  return width <= WIDEST * height && tall >= MAIN * height && main.right - main.left >= MAIN * width && !another
}
