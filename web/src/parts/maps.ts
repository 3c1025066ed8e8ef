import { colour } from '../theme.ts'

/** The mapping of values to colours: sequential from 0, or diverging around 0. */
export interface Scale {
  readonly kind: 'sequential' | 'diverging'
  /** The values of the first and the last colour; for a diverging scale, `low` is `-high`. */
  readonly low: number
  readonly high: number
}

type Colour = readonly [red: number, green: number, blue: number]

/** The scale for these values; all maps of a layer share one. */
export function scaleFor(values: Float32Array): Scale {
  let [low, high] = [0, 0]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low < 0) {
    const most = Math.max(-low, high)
    return { kind: 'diverging', low: -most, high: most }
  }
  return { kind: 'sequential', low: 0, high: high || 1 }
}

/** The map colours of the style sheet, in 256 steps. */
export interface Palette {
  readonly sequential: Uint32Array
  readonly diverging: Uint32Array
}

/** Read the palette of the current theme. */
export function palette(): Palette {
  const [low, high, negative, positive] = ['--map-low', '--map-high', '--map-negative', '--map-positive'].map(
    parse,
  )
  return {
    sequential: steps((at) => mix(low, high, at)),
    diverging: steps((at) => (at < 0.5 ? mix(low, negative, 1 - 2 * at) : mix(low, positive, 2 * at - 1))),
  }
}

/** The colour of one value, as four bytes of image data. */
export function shade({ kind, low, high }: Scale, colours: Palette, value: number): number {
  const at = Math.round(((value - low) / (high - low)) * 255)
  return colours[kind][at < 0 ? 0 : at > 255 ? 255 : at || 0]
}

/** Paint `values` into a canvas from index `offset` on, in rows of `width`, one pixel per value. */
export function paintMap(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  width: number,
  height: number,
  scale: Scale,
  colours: Palette,
  offset = 0,
): void {
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const context = canvas.getContext('2d')!
  const pixels = new ImageData(width, height)
  const words = new Uint32Array(pixels.data.buffer)
  for (let k = 0; k < words.length; k++) words[k] = shade(scale, colours, values[offset + k])
  context.putImageData(pixels, 0, 0)
}

/** The colours of a scale as a CSS gradient, for a legend. */
export function gradient(kind: Scale['kind']): string {
  return kind === 'sequential'
    ? 'linear-gradient(to right, var(--map-low), var(--map-high))'
    : 'linear-gradient(to right, var(--map-negative), var(--map-low), var(--map-positive))'
}

function steps(at: (share: number) => Colour): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, k) => {
    const [red, green, blue] = at(k / 255)
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
  })
}

function mix(from: Colour, to: Colour, share: number): Colour {
  return from.map((value, k) => Math.round(value + (to[k] - value) * share)) as unknown as Colour
}

function parse(name: string): Colour {
  // The build writes #ffffff as #fff.
  const text = colour(name).replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3')
  return [1, 3, 5].map((k) => parseInt(text.slice(k, k + 2), 16)) as unknown as Colour
}
