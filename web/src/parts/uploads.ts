import { loadImage } from './samples.ts'

const KEPT = 'lenet.picture'
/** The longest side in pixels. Larger pictures show no more of a digit, and are slow. */
const LARGEST = 1600
/** The number of characters that the session storage of every browser can hold. */
const ROOM = 2_000_000

/** A picture of the user, and its name in an address, which works in this browser only. */
export interface Upload {
  readonly key: string
  readonly image: HTMLCanvasElement
}

/** Decode a picture, rotated as its camera was held, and store it for a reload of the page. */
export async function upload(file: Blob): Promise<Upload> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    throw new Error('The browser cannot read this picture. Please use a PNG, JPEG or WebP file.')
  }
  const scale = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height))
  const image = toCanvas(
    bitmap,
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  )
  const key = `picture-${Date.now().toString(36)}`
  const url = image.toDataURL('image/png')
  if (url.length < ROOM) sessionStorage.setItem(KEPT, JSON.stringify({ key, url }))
  return { key, image }
}

/** The picture that `upload` stored, if `key` is its name. */
export async function storedPicture(key: string): Promise<HTMLCanvasElement | null> {
  const found = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as { key?: string; url?: string }
  if (found.key !== key || !found.url) return null
  const image = await loadImage(found.url)
  return toCanvas(image, image.width, image.height)
}

/** The first picture among pasted or dropped files. */
export function pictureIn(data: DataTransfer | null): File | null {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith('image/')) ?? null
}

function toCanvas(image: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  ;[canvas.width, canvas.height] = [width, height]
  const context = canvas.getContext('2d')!
  context.imageSmoothingQuality = 'high'
  context.drawImage(image, 0, 0, width, height)
  return canvas
}
