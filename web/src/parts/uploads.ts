import { loadImage } from './samples.ts'

const KEPT = 'lenet.picture'
/** Larger pictures say nothing more about a digit, and take long. */
const LARGEST = 1600
/** What a browser's session storage surely has room for. */
const ROOM = 2_000_000

/** A picture that somebody gave, and what an address may call it on this machine. */
export interface Upload {
  readonly key: string
  readonly image: HTMLCanvasElement
}

/** Decode a picture, turned as its camera was held; keep it so that a reload finds it again. */
export async function upload(file: Blob): Promise<Upload> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    throw new Error('This is no picture that the browser can read: give a PNG, JPEG or WebP file.')
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

/** The picture given before the page was reloaded, if `key` is its name. */
export async function kept(key: string): Promise<HTMLCanvasElement | null> {
  const found = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as { key?: string; url?: string }
  if (found.key !== key || !found.url) return null
  const image = await loadImage(found.url)
  return toCanvas(image, image.width, image.height)
}

/** The first picture of what was pasted or dropped. */
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
