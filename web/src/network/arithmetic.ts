// What a layer makes of a shape, and what it costs. Shapes are those of one image:
// [channels, height, width] or [units].

import type { Convolution, Layer } from './layers.ts'

export type Shape = readonly number[]

/** Cells of a bitmap, one fixed weight of a Gaussian unit for each. */
export const BITMAP_ROWS = 12
export const BITMAP_COLUMNS = 7

/** Columns that the two kernels of a residual block, which is framed above and below alone, take away. */
const LOST = 4

export function product(shape: Shape): number {
  return shape.reduce((all, side) => all * side, 1)
}

/** The pairs [map out, map in] that a kernel connects, in the order in which the weights lie. */
export function links(layer: Convolution, channels: number): [number, number][] {
  const pairs: [number, number][] = []
  for (let out = 0; out < layer.channels; out++) {
    for (let into = 0; into < channels; into++) {
      if (!layer.table || layer.table[into][out] === 'X') pairs.push([out, into])
    }
  }
  return pairs
}

/** The shape that comes out; throws an Error of one sentence where a layer does not fit. */
export function outputShape(layer: Layer, shape: Shape): Shape {
  switch (layer.layer) {
    case 'activation':
      return shape
    case 'flatten':
      return [product(shape)]
    case 'linear':
      if (shape.length !== 1) throw new Error(`${layer.name}: a fully connected layer needs a flat input`)
      return [layer.units]
    case 'radial basis':
      if (shape.length !== 1 || shape[0] !== BITMAP_ROWS * BITMAP_COLUMNS) {
        throw new Error(`${layer.name}: needs ${BITMAP_ROWS * BITMAP_COLUMNS} units, not ${shape.join('×')}`)
      }
      return [layer.characters.length]
  }
  if (shape.length !== 3) throw new Error(`${layer.name}: needs maps, not ${shape[0]} units`)
  const [channels, height, width] = shape
  if (layer.layer === 'residual') {
    if (height < layer.rows || width - LOST < layer.columns) {
      throw new Error(`${layer.name}: its kernels and cells do not fit into maps of ${height}×${width}`)
    }
    return [layer.channels, Math.floor(height / layer.rows), Math.floor((width - LOST) / layer.columns)]
  }
  if (layer.layer === 'padding') return [channels, height + 2 * layer.size, width + 2 * layer.size]
  const window = layer.layer === 'convolution' ? layer.kernel : layer.size
  const frame = layer.layer === 'convolution' ? layer.padding : 0
  const down = height + 2 * frame - window
  const across = width + 2 * frame - window
  if (down < 0 || across < 0) {
    throw new Error(`${layer.name}: ${window}×${window} does not fit into maps of ${height}×${width}`)
  }
  if (layer.layer !== 'convolution') {
    return [channels, Math.floor(height / window), Math.floor(width / window)]
  }
  if (layer.table && layer.table.length !== channels) {
    throw new Error(`${layer.name}: the table has ${layer.table.length} rows for ${channels} maps`)
  }
  return [layer.channels, Math.floor(down / layer.stride) + 1, Math.floor(across / layer.stride) + 1]
}

/** The shapes of what the layer learns, most often under `weight` and `bias`; empty where it learns nothing. */
export function parameterShapes(layer: Layer, shape: Shape): Readonly<Record<string, Shape>> {
  switch (layer.layer) {
    case 'convolution': {
      const square = [layer.kernel, layer.kernel]
      const kernels = layer.table ? [links(layer, shape[0]).length] : [layer.channels, shape[0]]
      const bias = layer.bias === 'unit' ? outputShape(layer, shape) : [layer.channels]
      return { weight: [...kernels, ...square], bias }
    }
    case 'residual': {
      const { channels } = layer
      return {
        'first.weight': [channels, shape[0], 3, 3],
        'first.bias': [channels],
        'second.weight': [channels, channels, 3, 3],
        'second.bias': [channels],
        ...(shape[0] === channels ? {} : { 'shortcut.weight': [channels, shape[0]] }),
      }
    }
    case 'subsampling':
      return { weight: [shape[0]], bias: [shape[0]] }
    case 'linear':
      return { weight: [layer.units, shape[0]], bias: [layer.units] }
    default:
      return {}
  }
}

/** Multiply-accumulates for one image; adding a bias does not count. */
export function multiplyAccumulates(layer: Layer, shape: Shape): number {
  switch (layer.layer) {
    case 'convolution': {
      const [, height, width] = outputShape(layer, shape)
      return height! * width! * links(layer, shape[0]).length * layer.kernel ** 2
    }
    case 'residual': {
      const [inputs, height, width] = shape
      const { channels } = layer
      const narrow = width - LOST
      const shortcut = inputs === channels ? 0 : inputs * narrow
      return channels * height * (9 * inputs * (narrow + LOST / 2) + 9 * channels * narrow + shortcut)
    }
    case 'subsampling':
      return product(outputShape(layer, shape))
    case 'linear':
      return layer.units * shape[0]
    case 'radial basis':
      return layer.characters.length * BITMAP_ROWS * BITMAP_COLUMNS
    default:
      return 0
  }
}
