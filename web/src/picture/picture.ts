// Pictures, grey or in colour, and operations on them.

import { grey } from './grid.ts'
import type { Grey } from './grid.ts'
import { round } from './numbers.ts'
import { BILINEAR, resizedGrey } from './resample.ts'

/** A picture. `data` holds it row by row: one value per pixel, or red, green and blue; 0 to 255. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

/** Convert the pixels of a canvas. Transparent pixels become white; a picture without colour becomes grey. */
export function fromImageData({ width, height, data }: ImageData): Picture {
  const levels = new Uint8Array(width * height)
  for (let i = 0, from = 0; i < levels.length; i++, from += 4) {
    const alpha = data[from + 3]
    const red = onWhite(data[from], alpha)
    if (red !== onWhite(data[from + 1], alpha) || red !== onWhite(data[from + 2], alpha)) {
      return { width, height, channels: 3, data: coloursOnWhite(data) }
    }
    levels[i] = red
  }
  return { width, height, channels: 1, data: levels }
}

function coloursOnWhite(data: Uint8ClampedArray): Uint8Array {
  const colours = new Uint8Array((data.length / 4) * 3)
  for (let i = 0, from = 0; i < colours.length; i += 3, from += 4) {
    for (let c = 0; c < 3; c++) colours[i + c] = onWhite(data[from + c], data[from + 3])
  }
  return colours
}

/** Blend a level with white, by `alpha` from 0 to 255, and round. */
function onWhite(level: number, alpha: number): number {
  return alpha === 255 ? level : Math.floor((level * alpha + 255 * (255 - alpha)) / 255 + 0.5)
}

/** Convert a picture to grey, with the luma weights of ITU-R 601-2. */
export function toGrey({ width, height, channels, data }: Picture): Grey {
  if (channels === 1) return { width, height, data }
  const result = grey(width, height)
  for (let i = 0, from = 0; i < result.data.length; i++, from += 3) {
    result.data[i] = (data[from] * 19595 + data[from + 1] * 38470 + data[from + 2] * 7471 + 0x8000) >> 16
  }
  return result
}

/** A grey picture in three equal colours; a coloured one stays as it is. */
export function toColour(picture: Picture): Picture {
  if (picture.channels === 3) return picture
  const data = new Uint8Array(3 * picture.data.length)
  picture.data.forEach((level, i) => data.fill(level, 3 * i, 3 * i + 3))
  return { ...picture, channels: 3, data }
}

/** The channels of a picture, each as a grid. */
export function colours({ width, height, channels, data }: Picture): Grey[] {
  if (channels === 1) return [{ width, height, data }]
  return [0, 1, 2].map((c) => {
    const one = grey(width, height)
    for (let i = 0; i < one.data.length; i++) one.data[i] = data[3 * i + c]
    return one
  })
}

/** Join channels to a picture. */
export function merged(parts: readonly Grey[]): Picture {
  const { width, height } = parts[0]
  const channels = parts.length as 1 | 3
  const data = new Uint8Array(channels * width * height)
  parts.forEach((part, c) => part.data.forEach((level, i) => (data[channels * i + c] = level)))
  return { width, height, channels, data }
}

/**
 * Fit a picture into a size without distortion. The longer side fills the frame, with antialiasing. The
 * free space gets the median of the picture's border, which is most often its background.
 */
export function fitted(picture: Picture, width: number, height: number): Picture {
  if (picture.width === width && picture.height === height) return picture
  return merged(colours(picture).map((one) => fittedGrey(one, width, height)))
}

/** The same for one channel. */
export function fittedGrey(one: Grey, width: number, height: number): Grey {
  if (one.width === width && one.height === height) return one
  const scale = Math.min(height / one.height, width / one.width)
  const wide = Math.max(round(one.width * scale), 1)
  const high = Math.max(round(one.height * scale), 1)
  const small = resizedGrey(one, wide, high, BILINEAR)
  const frame = grey(width, height)
  frame.data.fill(medianOfBorder(one))
  place(small, frame, Math.floor((width - wide) / 2), Math.floor((height - high) / 2))
  return frame
}

/** Copy a picture into a larger one, with its upper left corner at `left`, `top`. */
export function place(small: Grey, frame: Grey, left: number, top: number): void {
  for (let y = 0; y < small.height; y++) {
    const row = small.data.subarray(y * small.width, (y + 1) * small.width)
    frame.data.set(row, (top + y) * frame.width + left)
  }
}

/** All pixels of the first and last row and column; corners count twice. */
export function border({ width, height, data }: Grey): Uint8Array {
  const ring = new Uint8Array(2 * (width + height))
  ring.set(data.subarray(0, width))
  ring.set(data.subarray((height - 1) * width), width)
  for (let y = 0, at = 2 * width; y < height; y++) {
    ring[at++] = data[y * width]
    ring[at++] = data[(y + 1) * width - 1]
  }
  return ring
}

function medianOfBorder(one: Grey): number {
  const levels = border(one).sort()
  const middle = levels.length / 2 // an even number
  return Math.floor((levels[middle - 1] + levels[middle]) / 2)
}
