// Output shapes, parameter shapes and costs of layers. A shape is that of one image, without the batch:
// [channels, height, width] or [units].

import type { Convolution, Layer } from './layers.ts'

export type Shape = readonly number[]

/** The size of a bitmap; each cell is a fixed weight of a Gaussian unit. */
export const BITMAP_ROWS = 12
export const BITMAP_COLUMNS = 7

/** Columns that a residual block removes: its two 3×3 convolutions have padding above and below only. */
const LOST = 4

export function product(shape: Shape): number {
  return shape.reduce((all, side) => all * side, 1)
}

/** The pairs [output map, input map] that a kernel connects, in the order of the weights. */
export function links(layer: Convolution, channels: number): [number, number][] {
  const pairs: [number, number][] = []
  for (let out = 0; out < layer.channels; out++) {
    for (let input = 0; input < channels; input++) {
      if (!layer.table || layer.table[input][out] === 'X') pairs.push([out, input])
    }
  }
  return pairs
}

/** The output shape of a layer; throws an Error of one sentence if the layer does not fit its input. */
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
      throw new Error(`${layer.name}: its kernels and pooling windows do not fit into maps of ${height}×${width}`)
    }
    return [layer.channels, Math.floor(height / layer.rows), Math.floor((width - LOST) / layer.columns)]
  }
  if (layer.layer === 'padding') return [channels, height + 2 * layer.size, width + 2 * layer.size]
  const window = layer.layer === 'convolution' ? layer.kernel : layer.size
  const padding = layer.layer === 'convolution' ? layer.padding : 0
  const down = height + 2 * padding - window
  const across = width + 2 * padding - window
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

/** The shapes of the layer's parameters by name, most often `weight` and `bias`. */
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

/** Multiply-accumulates for one image; additions of a bias do not count. */
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
