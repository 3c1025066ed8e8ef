// Preprocessing of a handwritten digit, with the steps of MNIST: the ink is scaled to fit 20 × 20 pixels
// without distortion, antialiased, and its centre of mass is placed at the centre of 28 × 28 (LeCun, Bottou,
// Bengio and Haffner 1998, "Gradient-based learning applied to document recognition", page 10).

import { closeCrop } from './close-crop.ts'
import { largest3, smallest3 } from './filters.ts'
import { above, areaOf, boxOf, cut, grey, plane } from './grid.ts'
import type { Box, Grey, Plane } from './grid.ts'
import { dilated, strokeWidth } from './ink.ts'
import { clamp, quantile, round, sum } from './numbers.ts'
import { BICUBIC, BOX, resizedPlane, sizeWithin } from './resample.ts'
import { findDigit, isNoise } from './find-digit.ts'
import type { Found } from './find-digit.ts'

export const SIDE = 28
const INNER = 20
const FINE = 5 // pixels per pixel of MNIST while the width of the strokes is changed
const FAINTEST = 0.5 // relative to the digit's ink: the lowest level that counts as full ink
const STROKE = [1.9, 3.4] as const // widths in pixels: 80% of MNIST's training digits have such strokes

const { fround } = Math

/** A 28 × 28 image like MNIST's, and whether the picture shows other digits too. */
export interface Digit {
  readonly small: Grey
  readonly several: boolean
}

/** Make an image like MNIST's of the digit in a grey picture; an empty one if there is no digit. */
export function digit(picture: Grey): Digit {
  const none = { small: grey(SIDE, SIDE), several: false }
  if (isNoise(picture)) return none
  const close = closeCrop(picture)
  if (close) return { small: centred(fitted(withUsualStrokes(large(close)))), several: false }
  const found = findDigit(picture)
  if (!found) return none
  return { small: centred(fitted(withUsualStrokes(enlarged(found)))), several: found.several }
}

/** Scale the ink of a whole picture to `FINE` times the size of MNIST. */
function large(ink: Plane): Plane {
  const [width, height] = sizeWithin(FINE * INNER, ink.width, ink.height)
  const fine = resizedPlane(ink, width, height, BICUBIC)
  const data = fine.data.map((level) => clamp(level, 0, 1))
  return cut({ width, height, data }, [0, 0, width, height], 2 * FINE)
}

/** Scale a digit to `FINE` times the size of MNIST, with ink from 0 to 1 and sharp edges. */
function enlarged({ ink, mask }: Found): Plane {
  const near = largest3(mask).data
  const { width, height, data } = ink
  const inked = new Float32Array(areaOf(mask))
  for (let i = 0, at = 0; i < data.length; i++) if (mask.data[i]) inked[at++] = data[i]
  const usual = quantile(inked, 0.8)
  const own = plane(width, height)
  for (let i = 0; i < data.length; i++) if (near[i]) own.data[i] = data[i] / usual
  const [left, top, right, bottom] = boxOf(mask)!
  const box: Box = [
    Math.max(left - 1, 0), Math.max(top - 1, 0), Math.min(right + 1, width), Math.min(bottom + 1, height),
  ]
  const [wide, high] = sizeWithin(FINE * INNER, box[2] - box[0], box[3] - box[1])
  const fine = resizedPlane(own, wide, high, BICUBIC, box)
  // Full ink is the local maximum, so that strokes that are fainter, or thinner than a pixel, are kept.
  const full = dilated(fine, 4 * FINE).data
  const sharp = fine.data.map((value, i) => {
    const share = fround(value / Math.max(full[i], FAINTEST))
    return clamp(fround(share - 0.25) / 0.5, 0, 1)
  })
  return cut({ width: wide, height: high, data: sharp }, [0, 0, wide, high], 2 * FINE)
}

/** Make thin strokes wider and wide strokes thinner, until their width is usual for MNIST. */
function withUsualStrokes(ink: Plane): Plane {
  const { width, height, data } = ink
  const wide = strokeWidth(above(ink, 0.5)) / FINE
  const steps = round(((clamp(wide, STROKE[0], STROKE[1]) - wide) * FINE) / 2)
  let picture = grey(width, height)
  for (let i = 0; i < data.length; i++) picture.data[i] = fround(data[i] * 255)
  for (let step = 0; step < Math.abs(steps); step++) {
    const filtered = steps > 0 ? largest3(picture) : smallest3(picture)
    if (!filtered.data.some((level) => level > 127)) break
    picture = filtered
  }
  const result = plane(width, height)
  for (let i = 0; i < data.length; i++) result.data[i] = picture.data[i] / 255
  return result
}

/** Crop ink to its bounding box and scale it to fit 20 × 20 without distortion. */
function fitted(ink: Plane): Plane {
  const most = ink.data.reduce((most, value) => (value > most ? value : most), 0)
  const inked = above(ink, fround(Math.min(0.5, most / 2)))
  const alone = cut(ink, boxOf(inked)!)
  const [wide, high] = sizeWithin(INNER, alone.width, alone.height)
  return resizedPlane(alone, wide, high, BOX)
}

/** Place the centre of mass on pixel 14, 14 of 28 × 28, as exactly as whole pixels allow. */
export function centred(ink: Plane): Grey {
  const { width, height, data } = ink
  const rows = Float32Array.from({ length: height }, (_, y) => sum(data.subarray(y * width, (y + 1) * width)))
  const image = grey(SIDE, SIDE)
  const top = corner(rows)
  const left = corner(columnSums(ink))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      image.data[(top + y) * SIDE + left + x] = round(fround(data[y * width + x] * 255))
    }
  }
  return image
}

/** The sums of the columns, added in NumPy's order: row after row, but a single column as if it were a row. */
function columnSums({ width, height, data }: Plane): Float32Array {
  if (width === 1) return Float32Array.of(sum(data))
  const sums = data.slice(0, width)
  for (let y = 1; y < height; y++) {
    for (let x = 0; x < width; x++) sums[x] += data[y * width + x]
  }
  return sums
}

function corner(weights: Float32Array): number {
  const middle = weights.reduce((all, weight, place) => all + weight * place, 0) / sum(weights)
  return clamp(round(SIDE / 2 - middle), 0, SIDE - weights.length)
}
