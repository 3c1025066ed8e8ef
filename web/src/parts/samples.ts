import type { Artifact } from '../network/artifact.ts'
import sheet from '../samples.png'
import { h } from './dom.ts'
import type { Drawing } from './drawing.ts'

/** A test image to try the page with. Its alpha channel is its ink. */
export interface Sample {
  /** Its name in an address. */
  readonly key: string
  readonly label: string
  readonly image: HTMLCanvasElement
}

const SIDE = 28
const DIGITS = '0123456789'.split('')
const CLOTHES = [
  't-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
]
/** The rows of samples.png, which web/samples.py makes. */
const ROWS = [DIGITS, DIGITS, CLOTHES]

let all: Promise<Sample[]> | null = null

/** The samples of the kind of pictures that the network was trained on. */
export async function samplesFor(artifact: Artifact): Promise<Sample[]> {
  const clothes = artifact.pictures === 'clothing'
  return (await samples()).filter(({ key }) => key.startsWith('sample2') === clothes)
}

/** Buttons that put a sample into a drawing. */
export function sampleButtons(offered: readonly Sample[], into: Pick<Drawing, 'setImage'>): HTMLElement[] {
  return offered.map(({ key, label, image }) => {
    const small = h('canvas', { width: SIDE, height: SIDE })
    small.getContext('2d')!.drawImage(image, 0, 0)
    const take = () => into.setImage(image, { key, ink: true })
    const about = { type: 'button', class: 'sample', 'aria-label': `Sample: ${label}`, 'data-test': key }
    return h('button', { ...about, onclick: take }, small)
  })
}

/** Find a sample by its key. */
export async function sample(key: string): Promise<Sample | null> {
  return (await samples()).find((one) => one.key === key) ?? null
}

function samples(): Promise<Sample[]> {
  all ??= load()
  return all
}

async function load(): Promise<Sample[]> {
  const image = await loadImage(sheet)
  return ROWS.flatMap((labels, row) =>
    labels.map((label, column) => ({ key: `sample${row}-${column}`, label, image: cut(image, row, column) })),
  )
}

function cut(image: HTMLImageElement, row: number, column: number): HTMLCanvasElement {
  const canvas = h('canvas', { width: SIDE, height: SIDE })
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.drawImage(image, column * SIDE, row * SIDE, SIDE, SIDE, 0, 0, SIDE, SIDE)
  const pixels = context.getImageData(0, 0, SIDE, SIDE)
  for (let k = 0; k < pixels.data.length; k += 4) {
    pixels.data[k + 3] = pixels.data[k]
    pixels.data.fill(0, k, k + 3)
  }
  context.putImageData(pixels, 0, 0)
  return canvas
}

/** Load and decode a picture. */
export async function loadImage(address: string): Promise<HTMLImageElement> {
  const image = new Image()
  image.src = address
  await image.decode()
  return image
}
