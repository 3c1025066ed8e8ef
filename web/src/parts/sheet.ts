// What lies on the paper of a drawing, and how it is painted.

import { fromImageData, type Picture } from '../picture/picture.ts'
import { paintStrokes, type Stroke } from './strokes.ts'

/** A picture that can be put below the strokes. */
export type Image = ImageBitmap | HTMLCanvasElement

/** A picture below the strokes. */
export interface Below {
  readonly image: Image
  /** What an address calls it. */
  readonly key: string
  /** Its opacity is ink, to be painted in the ink's colour. */
  readonly ink: boolean
  /** How far it was moved. */
  readonly x: number
  readonly y: number
}

/** What is on the paper; never changed, only replaced, so that undo is to take the one before. */
export interface Sheet {
  readonly below: Below | null
  readonly strokes: readonly Stroke[]
}

/** Nothing. */
export const EMPTY: Sheet = { below: null, strokes: [] }

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** Paint a sheet of `width` by `height` in the ink's colour, onto what is there. */
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
    // The pixels of a small image are to be seen as such.
    context.imageSmoothingEnabled = image.width > 64
    context.imageSmoothingQuality = 'high'
    context.drawImage(below.ink ? tinted(image, ink) : image, (width - w) / 2 + x, (height - h) / 2 + y, w, h)
  }
  context.strokeStyle = ink
  paintStrokes(context, strokes)
}

/** A sheet as a picture, black on white, with `density` pixels for one of the sheet's. */
export function rasterizer(width: number, height: number, density: number): (sheet: Sheet) => Picture {
  const canvas = new OffscreenCanvas(Math.round(width * density), Math.round(height * density))
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  const { width: w, height: h } = canvas
  return (sheet) => {
    const { below, strokes } = sheet
    // A picture that nobody drew on or moved is read as it came, with all its pixels.
    if (below && !below.x && !below.y && !strokes.length) return pictureOf(below.image)
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = '#fff'
    context.fillRect(0, 0, w, h)
    context.scale(w / width, h / height)
    paintSheet(context, sheet, width, height, '#000')
    const pixels = context.getImageData(0, 0, w, h)
    if (below && !below.ink) return fromImageData(pixels)
    // Black on white needs no more than one of the colours: this runs at every move of the hand.
    const data = Uint8Array.from({ length: w * h }, (_, k) => pixels.data[4 * k])
    return { width: w, height: h, channels: 1, data }
  }
}

/** A picture's own pixels; what it lets through is white. */
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
