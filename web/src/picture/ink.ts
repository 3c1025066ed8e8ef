// The amount of ink at each pixel of a grey picture, corrected for uneven light.

import { cut, plane } from './grid.ts'
import type { Grey, Mask, Plane } from './grid.ts'
import { round } from './numbers.ts'
import { BILINEAR, BOX, resizedGrey, resizedPlane } from './resample.ts'

const COARSE = 96 // longest side in pixels of the small picture in which the background is estimated
const DARKEST = 64 // lowest grey level of a background; below it the noise would look like ink

/**
 * Separate dark ink from its background. The background is a morphological closing of the picture: it
 * removes dark areas that are narrower than `widest`, and keeps the edges of shadows.
 *
 * @param widest The width of the widest stroke, relative to the picture's longest side.
 * @returns How much darker than its background each pixel is: `ink` relative to the background, `contrast`
 *   in grey levels.
 */
export function inkOf(picture: Grey, widest: number): { ink: Plane; contrast: Plane } {
  const { width, height } = picture
  // The window is odd, because an even window would move the closing by one pixel.
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
 * Otsu's threshold between paper and ink, 0 to 1: the one with the largest variance between the two classes
 * (Otsu 1979, "A threshold selection method from gray-level histograms"). Values up to `least` are ignored.
 */
export function otsuThreshold(ink: Plane, least = -Infinity): number {
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

/**
 * The width of a long stroke: twice its area divided by the length of its outline. The number of pixel
 * edges is 4/pi times the length of the outline, on average over all directions.
 */
export function strokeWidth({ width, height, data }: Mask): number {
  let area = 0
  let edges = 0
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      area += data[i]
      if (x + 1 < width && data[i] !== data[i + 1]) edges++
      if (y + 1 < height && data[i] !== data[i + width]) edges++
    }
  }
  return (2 * area) / Math.max((edges * Math.PI) / 4, 1)
}

/** Morphological closing with a square window. The picture is mirrored at its edges. */
export function closed(of: Plane, window: number): Plane {
  const wide = eroded(dilated(mirrored(of, window), window), window)
  return cut(wide, [window, window, window + of.width, window + of.height])
}

/** Add a border that repeats the mirror image of the picture. */
function mirrored(of: Plane, border: number): Plane {
  const result = plane(of.width + 2 * border, of.height + 2 * border)
  const inside = (place: number, side: number) => {
    const turned = ((place % (2 * side)) + 2 * side) % (2 * side)
    return turned < side ? turned : 2 * side - 1 - turned
  }
  for (let y = 0, i = 0; y < result.height; y++) {
    const row = inside(y - border, of.height) * of.width
    for (let x = 0; x < result.width; x++) result.data[i++] = of.data[row + inside(x - border, of.width)]
  }
  return result
}

/** The maximum in a square window around each pixel. */
export function dilated(of: Plane, window: number): Plane {
  return largestOfRows(largestOfRows(of, window, 1), window, 1)
}

/** The minimum in a square window around each pixel. */
export function eroded(of: Plane, window: number): Plane {
  return largestOfRows(largestOfRows(of, window, -1), window, -1)
}

/** The maximum (with `sign` -1 the minimum) around each pixel of a row; the result is transposed. */
function largestOfRows({ width, height, data }: Plane, window: number, sign: 1 | -1): Plane {
  const before = window >> 1
  const result = plane(height, width)
  const row = new Float32Array(width + window - 1)
  for (let y = 0; y < height; y++) {
    row.fill(-Infinity)
    for (let x = 0; x < width; x++) row[before + x] = sign * data[y * width + x]
    // The window grows to 1, 2, 4, ... pixels, and finally to `window`.
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
