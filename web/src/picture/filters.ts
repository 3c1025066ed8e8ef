// Filters of Pillow for grey levels: Gaussian blur, maximum and minimum.

import { grey } from './grid.ts'
import type { Grey } from './grid.ts'

/**
 * Gaussian blur with a standard deviation of `radius` pixels, approximated by three extended box filters:
 * Gwosdek, Grewenig, Bruhn, Weickert, "Theoretical foundations of Gaussian convolution by extended box
 * filtering", SSVM 2011.
 */
export function blurred(from: Grey, radius: number): Grey {
  const box = boxRadius(radius)
  const across = alongRows(from, box)
  return alongRows(across, box)
}

function boxRadius(radius: number): number {
  const { fround } = Math
  const variance = fround(fround(fround(radius) * fround(radius)) / 3)
  const length = fround(Math.sqrt(12 * variance + 1))
  const whole = fround(Math.floor((length - 1) / 2))
  let rest = fround(fround(2 * whole + 1) * fround(fround(whole * fround(whole + 1)) - fround(3 * variance)))
  rest = fround(rest / fround(6 * fround(variance - fround(fround(whole + 1) * fround(whole + 1)))))
  return fround(whole + rest)
}

/** Apply three box filters along each row. The result is transposed, so that a second call filters the columns. */
function alongRows({ width, height, data }: Grey, radius: number): Grey {
  const reach = Math.trunc(radius)
  const share = Math.trunc(Math.fround((1 << 24) / Math.fround(Math.fround(radius * 2) + 1)))
  const end = ((1 << 24) - (reach * 2 + 1) * share) >> 1
  const result = grey(height, width)
  let row = new Uint8Array(width)
  let next = new Uint8Array(width)
  const last = width - 1
  for (let y = 0; y < height; y++) {
    row.set(data.subarray(y * width, (y + 1) * width))
    for (let pass = 0; pass < 3; pass++) {
      // A row is extended by copies of its first and last pixel.
      let total = row[0] * (reach + 1)
      for (let x = 0; x < reach; x++) total += row[x < last ? x : last]
      for (let x = 0; x < width; x++) {
        const left = x - reach - 1
        const right = x + reach
        const before = row[left > 0 ? left : 0]
        total += row[right < last ? right : last] - before
        const ends = before + row[right + 1 < last ? right + 1 : last]
        next[x] = (Math.imul(total, share) + Math.imul(ends, end) + (1 << 23)) >>> 24
      }
      ;[row, next] = [next, row]
    }
    for (let x = 0; x < width; x++) result.data[x * height + y] = row[x]
  }
  return result
}

/** The maximum of the 3 × 3 pixels around each pixel. */
export function largest3({ width, height, data }: Grey): Grey {
  const across = grey(width, height)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let level = data[i]
      if (x > 0 && data[i - 1] > level) level = data[i - 1]
      if (x < width - 1 && data[i + 1] > level) level = data[i + 1]
      across.data[i] = level
    }
  }
  const result = grey(width, height)
  for (let i = 0; i < data.length; i++) {
    let level = across.data[i]
    if (i >= width && across.data[i - width] > level) level = across.data[i - width]
    if (i + width < data.length && across.data[i + width] > level) level = across.data[i + width]
    result.data[i] = level
  }
  return result
}

/** The minimum of the 3 × 3 pixels around each pixel. */
export function smallest3(from: Grey): Grey {
  return inverted(largest3(inverted(from)))
}

export function inverted({ width, height, data }: Grey): Grey {
  return { width, height, data: data.map((level) => 255 - level) }
}
