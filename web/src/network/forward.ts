// The forward pass: the values of every layer for one image, computed as in lenet's engine. Sums have double
// precision, values are float32.

import { links, outputShape, product } from './arithmetic.ts'
import type { Shape } from './arithmetic.ts'
import type { Artifact } from './artifact.ts'
import { bitmapOf } from './bitmaps.ts'
import type { Activation, Convolution, Layer, Pooling, RadialBasis, Subsampling } from './layers.ts'

/** The scaled tanh of 1989 to 1998 is `AMPLITUDE * tanh(SLOPE * a)`. */
export const AMPLITUDE = 1.7159
export const SLOPE = 2 / 3
/** The slope of the leaky ReLU below zero. */
export const LEAK = 0.2

/** The input of a network, or the output of one of its layers. */
export interface Stage {
  /** Null for the input. */
  readonly layer: Layer | null
  readonly name: string
  /** [channels, height, width] or [units]. */
  readonly shape: readonly number[]
  /** Channel by channel, row by row. */
  readonly values: Float32Array
}

/**
 * Run the network on one image.
 *
 * @param image The stored pixels: height × width, or height × width × channels.
 * @returns The normalized input, then one stage per layer. The values of the last stage are the scores.
 */
export function forward(artifact: Artifact, image: Uint8Array): Stage[] {
  const shape = artifact.inputShape
  if (image.length !== product(shape)) {
    throw new Error(`${artifact.name} needs ${product(shape)} values per image, this image has ${image.length}`)
  }
  const stages: Stage[] = [{ layer: null, name: 'image', shape, values: normalized(artifact, image) }]
  for (const layer of artifact.layers) {
    const before = stages[stages.length - 1]
    stages.push({ layer, name: layer.name, shape: outputShape(layer, before.shape), values: apply(artifact, layer, before) })
  }
  return stages
}

/** Normalize the pixels, channels first; each step is rounded to float32, as in the engine. */
function normalized(artifact: Artifact, image: Uint8Array): Float32Array {
  const [channels, height, width] = artifact.inputShape
  const scale = Math.fround(artifact.normalization.scale)
  const offset = Math.fround(artifact.normalization.offset)
  const values = new Float32Array(image.length)
  for (let c = 0, to = 0; c < channels; c++) {
    for (let from = c; to < (c + 1) * height * width; from += channels) {
      values[to++] = Math.fround(image[from] * scale) + offset
    }
  }
  return values
}

function apply(artifact: Artifact, layer: Layer, before: Stage): Float32Array {
  const { values, shape } = before
  const parameter = (key: string) => artifact.parameters.get(`${layer.name}.${key}`)!
  switch (layer.layer) {
    case 'padding':
      return padded(values, shape, layer.size, layer.value)
    case 'convolution':
      return convolved(layer, values, shape, parameter('weight'), parameter('bias'))
    case 'residual':
      throw new Error(`${layer.name}: the page does not compute residual blocks; the service reads numbers`)
    case 'activation':
      return activated(layer, values)
    case 'pooling':
      return pooled(layer, values, shape)
    case 'subsampling':
      return subsampled(layer, values, shape, parameter('weight'), parameter('bias'))
    case 'flatten':
      return values
    case 'linear':
      return fullyConnected(values, parameter('weight'), parameter('bias'))
    case 'radial basis':
      return distances(layer, values)
  }
}

/** Add a border of `size` cells of `value` to each map. */
function padded(maps: Float32Array, shape: Shape, size: number, value: number): Float32Array {
  if (size === 0) return maps
  const [channels, height, width] = shape
  const wide = width + 2 * size
  const high = height + 2 * size
  const result = new Float32Array(channels * high * wide).fill(value)
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * height + y) * width
      result.set(maps.subarray(from, from + width), (c * high + y + size) * wide + size)
    }
  }
  return result
}

/** Slide each kernel over the input maps that the table connects to it, and add up the products and the bias. */
function convolved(
  layer: Convolution, maps: Float32Array, shape: Shape, weight: Float32Array, bias: Float32Array,
): Float32Array {
  const { kernel, stride, padding } = layer
  const [channels, height, width] = outputShape(layer, shape)
  const input = padded(maps, shape, padding, layer.border)
  const wide = shape[2] + 2 * padding
  const plane = (shape[1] + 2 * padding) * wide
  const pairs = links(layer, shape[0])
  const result = new Float32Array(channels * height * width)
  const sums = new Float64Array(height * width)
  for (let out = 0, link = 0; out < channels; out++) {
    const first = out * height * width
    if (layer.bias === 'unit') sums.set(bias.subarray(first, first + height * width))
    else sums.fill(bias[out])
    for (; link < pairs.length && pairs[link][0] === out; link++) {
      const from = pairs[link][1] * plane
      if (kernel === 5) addConvolution5(sums, height, width, input, from, wide, stride, weight, link * 25)
      else addConvolution(sums, height, width, input, from, wide, stride, weight, link * kernel ** 2, kernel)
    }
    result.set(sums, first)
  }
  return result
}

function addConvolution(
  sums: Float64Array, height: number, width: number, input: Float32Array, from: number, wide: number,
  stride: number, weight: Float32Array, kernelAt: number, kernel: number,
): void {
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let a = 0, k = kernelAt; a < kernel; a++) {
        let i = from + (y * stride + a) * wide + x * stride
        for (let b = 0; b < kernel; b++) sum += weight[k++] * input[i++]
      }
      sums[at++] += sum
    }
  }
}

/** The same for kernels of 5×5, as every LeNet has; a row at a time is twice as fast. */
function addConvolution5(
  sums: Float64Array, height: number, width: number, input: Float32Array, from: number, wide: number,
  stride: number, weight: Float32Array, kernelAt: number,
): void {
  for (let a = 0; a < 5; a++) {
    const k = kernelAt + 5 * a
    const w0 = weight[k], w1 = weight[k + 1], w2 = weight[k + 2], w3 = weight[k + 3], w4 = weight[k + 4]
    for (let y = 0, at = 0; y < height; y++) {
      let i = from + (y * stride + a) * wide
      for (let x = 0; x < width; x++, i += stride) {
        sums[at++] += w0 * input[i] + w1 * input[i + 1] + w2 * input[i + 2] + w3 * input[i + 3] + w4 * input[i + 4]
      }
    }
  }
}

/** Apply the activation function to each value. */
function activated(layer: Activation, values: Float32Array): Float32Array {
  const result = new Float32Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    switch (layer.kind) {
      case 'relu':
        result[i] = value > 0 || Number.isNaN(value) ? value : 0
        break
      case 'leaky relu':
        result[i] = value > 0 ? value : LEAK * value
        break
      case 'tanh':
        result[i] = Math.tanh(value)
        break
      case 'scaled tanh':
        result[i] = AMPLITUDE * Math.tanh(SLOPE * value)
        break
      case 'sigmoid':
        result[i] = 1 / (1 + Math.exp(-value))
    }
  }
  return result
}

/** The average or the maximum of each window. */
function pooled(layer: Pooling, maps: Float32Array, shape: Shape): Float32Array {
  if (layer.kind === 'max') return byWindow(layer, maps, shape, -Infinity, Math.max)
  const averages = byWindow(layer, maps, shape, 0, add)
  return averages.map((sum) => sum / layer.size ** 2)
}

/** The sum or the average of each window, times the coefficient of the map, plus its bias. */
function subsampled(
  layer: Subsampling, maps: Float32Array, shape: Shape, weight: Float32Array, bias: Float32Array,
): Float32Array {
  const divisor = layer.kind === 'sum' ? 1 : layer.size ** 2
  const sums = byWindow(layer, maps, shape, 0, add)
  const units = sums.length / shape[0]
  return sums.map((sum, i) => (sum / divisor) * weight[Math.floor(i / units)] + bias[Math.floor(i / units)])
}

function add(a: number, b: number): number {
  return a + b
}

/** Reduce each window to one value. Windows do not overlap; a remainder at the edge is dropped. */
function byWindow(
  layer: Pooling | Subsampling, maps: Float32Array, shape: Shape,
  start: number, reduce: (a: number, b: number) => number,
): Float32Array {
  const size = layer.size
  const [, deep, wide] = shape
  const [channels, height, width] = outputShape(layer, shape)
  const result = new Float32Array(channels * height * width)
  for (let c = 0, at = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let value = start
        for (let a = 0; a < size; a++) {
          const from = (c * deep + y * size + a) * wide + x * size
          for (let b = 0; b < size; b++) value = reduce(value, maps[from + b])
        }
        result[at++] = value
      }
    }
  }
  return result
}

/** A fully connected layer. Four independent sums are faster than one, which waits for each addition. */
function fullyConnected(values: Float32Array, weight: Float32Array, bias: Float32Array): Float32Array {
  const count = values.length
  const result = new Float32Array(bias.length)
  for (let unit = 0, k = 0; unit < bias.length; unit++) {
    let s0 = bias[unit], s1 = 0, s2 = 0, s3 = 0
    let i = 0
    for (; i + 3 < count; i += 4, k += 4) {
      s0 += weight[k] * values[i]
      s1 += weight[k + 1] * values[i + 1]
      s2 += weight[k + 2] * values[i + 2]
      s3 += weight[k + 3] * values[i + 3]
    }
    for (; i < count; i++, k++) s0 += weight[k] * values[i]
    result[unit] = s0 + s1 + s2 + s3
  }
  return result
}

/** Minus the squared distance to the bitmap of each character. */
function distances(layer: RadialBasis, values: Float32Array): Float32Array {
  return Float32Array.from(layer.characters, (character) => {
    const bitmap = bitmapOf(character)
    return -values.reduce((sum, value, j) => sum + (value - bitmap[j]) ** 2, 0)
  })
}
