// How much ink is at each pixel of a grey picture, whatever light fell on it.

import { cut, plane } from './grid.ts'
import type { Grey, Plane } from './grid.ts'
import { round } from './numbers.ts'
import { BILINEAR, BOX, resizedGrey, resizedPlane } from './resample.ts'

const COARSE = 96 // longest side of the small picture that the background is found in
const DARKEST = 64 // a background counts as no darker, or its noise would look like ink

/**
 * Tell dark ink from its background: the picture without the dark things that are narrower than a
 * stroke may be, a morphological closing, which keeps the edges of shadows.
 *
 * @param widest Of a stroke, as a share of the picture's longest side.
 * @returns How much darker than its background each pixel is: as a share of the background's light,
 *   and in grey levels.
 */
export function inkOf(picture: Grey, widest: number): { ink: Plane; contrast: Plane } {
  const { width, height } = picture
  // Odd, for an even window would move the closing by one pixel.
  const small = closed(asPlane(coarse(picture)), round(widest * COARSE) | 1)
  const background = resizedPlane(small, width, height, BILINEAR).data
  const ink = plane(width, height)
  const contrast = plane(width, height)
  for (let i = 0; i < background.length; i++) {
    contrast.data[i] = background[i] - picture.data[i]
    ink.data[i] = contrast.data[i] / (background[i] > DARKEST ? background[i] : DARKEST)
  }
  return { ink, contrast }
}

export function asPlane({ width, height, data }: Grey): Plane {
  return { width, height, data: new Float32Array(data) }
}

function coarse(picture: Grey): Grey {
  const scale = COARSE / Math.max(picture.width, picture.height)
  const width = Math.max(round(picture.width * scale), 1)
  const height = Math.max(round(picture.height * scale), 1)
  return resizedGrey(picture, width, height, scale < 1 ? BOX : BILINEAR)
}

/**
 * The value from 0 to 1 that parts ink from paper: the largest variance between them (Otsu 1979, "A
 * threshold selection method from gray-level histograms"), of those values that are above `least`.
 */
export function parting(ink: Plane, least = -Infinity): number {
  const bins = 64
  const counts = new Float64Array(bins)
  const { data } = ink
  for (let i = 0; i < data.length; i++) {
    const value = data[i]
    if (value > least && value >= 0 && value <= 1) counts[value === 1 ? bins - 1 : Math.floor(value * bins)]++
  }
  const middle = (bin: number) => (2 * bin + 1) / (2 * bins)
  const all = counts.reduce((sum, count) => sum + count, 0)
  const whole = counts.reduce((sum, count, bin) => sum + count * middle(bin), 0)
  let below = 0
  let total = 0
  let best = 0
  let most = 0
  for (let bin = 0; bin < bins; bin++) {
    below += counts[bin]
    total += counts[bin] * middle(bin)
    const above = all - below
    const apart = (whole - total) / Math.max(above, 1) - total / Math.max(below, 1)
    const variance = below * above * (apart * apart)
    if (variance > most) {
      most = variance
      best = bin
    }
  }
  return (best + 1) / bins
}

/** Fill what is low and narrower than `window`; beyond its edges a picture is mirrored. */
export function closed(of: Plane, window: number): Plane {
  const wide = eroded(dilated(mirrored(of, window), window), window)
  return cut(wide, [window, window, window + of.width, window + of.height])
}

/** A frame in which the picture goes on as its mirror image, as often as there is room. */
function mirrored(of: Plane, frame: number): Plane {
  const result = plane(of.width + 2 * frame, of.height + 2 * frame)
  const inside = (place: number, side: number) => {
    const turned = ((place % (2 * side)) + 2 * side) % (2 * side)
    return turned < side ? turned : 2 * side - 1 - turned
  }
  for (let y = 0, i = 0; y < result.height; y++) {
    const row = inside(y - frame, of.height) * of.width
    for (let x = 0; x < result.width; x++) result.data[i++] = of.data[row + inside(x - frame, of.width)]
  }
  return result
}

/** The largest value within a square of `window` around each pixel. */
export function dilated(of: Plane, window: number): Plane {
  return largestOfRows(largestOfRows(of, window, 1), window, 1)
}

/** The smallest value within a square of `window` around each pixel. */
export function eroded(of: Plane, window: number): Plane {
  return largestOfRows(largestOfRows(of, window, -1), window, -1)
}

/** The largest value around each pixel of a row, or with a sign of -1 the smallest; transposed. */
function largestOfRows({ width, height, data }: Plane, window: number, sign: 1 | -1): Plane {
  const before = window >> 1
  const result = plane(height, width)
  const row = new Float32Array(width + window - 1)
  for (let y = 0; y < height; y++) {
    row.fill(-Infinity)
    for (let x = 0; x < width; x++) row[before + x] = sign * data[y * width + x]
    // Windows of 1, 2, 4, ... pixels, and at last of `window`.
    for (let done = 1, count = row.length; done < window; ) {
      const step = Math.min(done, window - done)
      count -= step
      for (let i = 0; i < count; i++) {
        const next = row[i + step]
        if (next > row[i]) row[i] = next
      }
      done += step
    }
    for (let x = 0; x < width; x++) result.data[x * height + y] = sign * row[x]
  }
  return result
}
