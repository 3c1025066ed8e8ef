// The content of a drawing, and how it is painted.

import { fromImageData, type Picture } from '../picture/picture.ts'
import { paintStrokes, type Stroke } from './strokes.ts'

/** An image that can lie under the strokes. */
export type Image = ImageBitmap | HTMLCanvasElement

/** An image under the strokes. */
export interface Below {
  readonly image: Image
  /** Its name in an address. */
  readonly key: string
  /** True if the alpha channel is ink, to be painted in the colour of ink. */
  readonly ink: boolean
  /** How far the user has moved it. */
  readonly x: number
  readonly y: number
}

/** The content of a drawing. A sheet is never changed, only replaced, so that undo can restore the one before. */
export interface Sheet {
  readonly below: Below | null
  readonly strokes: readonly Stroke[]
}

/** A sheet without content. */
export const EMPTY: Sheet = { below: null, strokes: [] }

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** Paint a sheet of `width` by `height` in the colour `ink`, without clearing the canvas. */
export function paintSheet(
  context: Context,
  { below, strokes }: Sheet,
  width: number,
  height: number,
  ink: string,
): void {
  if (below) {
    const { image, x, y } = below
    const scale = Math.min(width / image.width, height / image.height)
    const [w, h] = [image.width * scale, image.height * scale]
    // The pixels of a small image stay visible.
    context.imageSmoothingEnabled = image.width > 64
    context.imageSmoothingQuality = 'high'
    context.drawImage(below.ink ? tinted(image, ink) : image, (width - w) / 2 + x, (height - h) / 2 + y, w, h)
  }
  context.strokeStyle = ink
  paintStrokes(context, strokes)
}

/** Make a function that turns a sheet into a picture, black on white, `density` pixels per pixel of the sheet. */
export function rasterizer(width: number, height: number, density: number): (sheet: Sheet) => Picture {
  const canvas = new OffscreenCanvas(Math.round(width * density), Math.round(height * density))
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  const { width: w, height: h } = canvas
  return (sheet) => {
    const { below, strokes } = sheet
    // An image without strokes that was not moved keeps its own size.
    if (below && !below.x && !below.y && !strokes.length) return pictureOf(below.image)
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = '#fff'
    context.fillRect(0, 0, w, h)
    context.scale(w / width, h / height)
    paintSheet(context, sheet, width, height, '#000')
    const pixels = context.getImageData(0, 0, w, h)
    if (below && !below.ink) return fromImageData(pixels)
    // Black on white needs only one channel. This code must be fast, because it runs at every pen move.
    const data = Uint8Array.from({ length: w * h }, (_, k) => pixels.data[4 * k])
    return { width: w, height: h, channels: 1, data }
  }
}

/** The pixels of an image; transparent pixels become white. */
function pictureOf(image: Image): Picture {
  const canvas = new OffscreenCanvas(image.width, image.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.drawImage(image, 0, 0)
  return fromImageData(context.getImageData(0, 0, image.width, image.height))
}

function tinted(image: Image, ink: string): OffscreenCanvas {
  const canvas = new OffscreenCanvas(image.width, image.height)
  const context = canvas.getContext('2d')!
  context.drawImage(image, 0, 0)
  context.globalCompositeOperation = 'source-in'
  context.fillStyle = ink
  context.fillRect(0, 0, image.width, image.height)
  return canvas
}
