// Grids of pixels: the input and output of all preprocessing steps.

export interface Grid<Data extends Uint8Array | Float32Array> {
  readonly width: number
  readonly height: number
  /** Row by row. */
  readonly data: Data
}

/** Grey levels, 0 to 255. */
export type Grey = Grid<Uint8Array>
/** 1 for a cell that is set, else 0. */
export type Mask = Grid<Uint8Array>
/** Numbers in single precision. */
export type Plane = Grid<Float32Array>

/** Left, top, right, bottom; the latter two exclusive. */
export type Box = readonly [left: number, top: number, right: number, bottom: number]

export function grey(width: number, height: number): Grey {
  return { width, height, data: new Uint8Array(width * height) }
}

export function plane(width: number, height: number): Plane {
  return { width, height, data: new Float32Array(width * height) }
}

/** Swap rows and columns. */
export function transposed(of: Mask): Mask {
  const { width, height, data } = of
  const result = grey(height, width)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) result.data[x * height + y] = data[y * width + x]
  }
  return result
}

/** The bounding box of all cells that are not 0; null if there are none. */
export function boxOf({ width, height, data }: Grid<Uint8Array>): Box | null {
  let left = width, top = height, right = 0, bottom = 0
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!data[i]) continue
      if (x < left) left = x
      if (x >= right) right = x + 1
      if (y < top) top = y
      bottom = y + 1
    }
  }
  return right ? [left, top, right, bottom] : null
}

/** Crop a grid to a box and add a border of zeros, `margin` wide. */
export function cut<Data extends Uint8Array | Float32Array>(from: Grid<Data>, box: Box, margin = 0): Grid<Data> {
  const [left, top, right, bottom] = box
  const width = right - left + 2 * margin
  const height = bottom - top + 2 * margin
  const data = new (from.data.constructor as new (count: number) => Data)(width * height)
  for (let y = top; y < bottom; y++) {
    const row = from.data.subarray(y * from.width + left, y * from.width + right)
    data.set(row, (y - top + margin) * width + margin)
  }
  return { width, height, data }
}

/** Copy a mask, with another one in place of its part at `left`, `top`. */
export function pasted(part: Mask, mask: Mask, left: number, top: number): Mask {
  const data = mask.data.slice()
  for (let y = 0; y < part.height; y++) {
    data.set(part.data.subarray(y * part.width, (y + 1) * part.width), (top + y) * mask.width + left)
  }
  return { ...mask, data }
}

/** The number of cells that are set. */
export function areaOf({ data }: Mask): number {
  let area = 0
  for (let i = 0; i < data.length; i++) area += data[i]
  return area
}

/** The mask of the values that are greater than a threshold. */
export function above({ width, height, data }: Plane, threshold: number): Mask {
  const mask = grey(width, height)
  for (let i = 0; i < data.length; i++) if (data[i] > threshold) mask.data[i] = 1
  return mask
}
