import sheet from '../../numbers.png'
import { loadImage } from '../../parts/samples.ts'

/** A picture of a number to try the view with. Its alpha channel is its ink. */
export interface NumberSample {
  /** Its name in an address. */
  readonly key: string
  readonly text: string
  readonly image: HTMLCanvasElement
}

/** The rows of numbers.png, which web/number_samples.py makes. */
const ROWS = ['1998', '60000', '2,750.00', '31415926']

let all: Promise<NumberSample[]> | null = null

/** The pictures of numbers to try the view with. */
export function numberSamples(): Promise<NumberSample[]> {
  all ??= load()
  return all
}

async function load(): Promise<NumberSample[]> {
  const image = await loadImage(sheet)
  const height = image.height / ROWS.length
  return ROWS.map((text, row) => {
    const canvas = document.createElement('canvas')
    ;[canvas.width, canvas.height] = [image.width, height]
    const context = canvas.getContext('2d', { willReadFrequently: true })!
    context.drawImage(image, 0, -row * height)
    const pixels = context.getImageData(0, 0, canvas.width, height)
    for (let k = 0; k < pixels.data.length; k += 4) {
      pixels.data[k + 3] = pixels.data[k]
      pixels.data.fill(0, k, k + 3)
    }
    context.putImageData(pixels, 0, 0)
    return { key: `number${row}`, text, image: canvas }
  })
}
