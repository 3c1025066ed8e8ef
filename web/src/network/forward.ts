// A network forward: one image in, every layer's values out. The same arithmetic as lenet's
// engine; sums are made in double precision, values kept in float32.

import { links, outputShape, product } from './arithmetic.ts'
import type { Shape } from './arithmetic.ts'
import type { Artifact } from './artifact.ts'
import { code } from './bitmaps.ts'
import type { Activation, Convolution, Layer, Pooling, RadialBasis, Subsampling } from './layers.ts'

/** `AMPLITUDE * tanh(SLOPE * a)`, the squashing function of 1989 to 1998. */
export const AMPLITUDE = 1.7159
/** Slope of the leaky ReLU below zero. */
export const LEAK = 0.2
export const SLOPE = 2 / 3

export interface Stage {
  /** Null for the input, as numbers. */
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
 * @returns The input as numbers, then one stage a layer; the last one's values are the scores.
 */
export function forward(artifact: Artifact, image: Uint8Array): Stage[] {
  const shape = artifact.inputShape
  if (image.length !== product(shape)) {
    throw new Error(`${artifact.name} reads ${product(shape)} numbers an image, this one has ${image.length}`)
  }
  const stages: Stage[] = [{ layer: null, name: 'image', shape, values: normalized(artifact, image) }]
  for (const layer of artifact.layers) {
    const before = stages[stages.length - 1]
    stages.push({ layer, name: layer.name, shape: outputShape(layer, before.shape), values: apply(artifact, layer, before) })
  }
  return stages
}

/** Pixels to numbers, rounded to float32 after each step as the engine rounds them; channels first. */
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
      return framed(values, shape, layer.size, layer.value)
    case 'convolution':
      return convolved(layer, values, shape, parameter('weight'), parameter('bias'))
    case 'residual':
      throw new Error(`${layer.name}: networks of residual blocks read whole numbers, which is the service’s work`)
    case 'activation':
      return squashed(layer, values)
    case 'pooling':
      return pooled(layer, values, shape)
    case 'subsampling':
      return subsampled(layer, values, shape, parameter('weight'), parameter('bias'))
    case 'flatten':
      return values
    case 'linear':
      return connected(values, parameter('weight'), parameter('bias'))
    case 'radial basis':
      return distances(layer, values)
  }
}

/** Maps with `size` cells of `value` around each. */
function framed(maps: Float32Array, shape: Shape, size: number, value: number): Float32Array {
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

/** Slide each kernel over the maps that its table connects, multiply and add up. */
function convolved(
  layer: Convolution, maps: Float32Array, shape: Shape, weight: Float32Array, bias: Float32Array,
): Float32Array {
  const { kernel, stride, padding } = layer
  const [channels, height, width] = outputShape(layer, shape)
  const input = framed(maps, shape, padding, layer.border)
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

/** The same for the kernels of every LeNet, a row at once: twice as fast. */
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

/** An elementwise function. */
function squashed(layer: Activation, values: Float32Array): Float32Array {
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

/** The sum or the average of each window, times the map's coefficient, plus the map's bias. */
function subsampled(
  layer: Subsampling, maps: Float32Array, shape: Shape, weight: Float32Array, bias: Float32Array,
): Float32Array {
  const share = layer.kind === 'sum' ? 1 : layer.size ** 2
  const sums = byWindow(layer, maps, shape, 0, add)
  const units = sums.length / shape[0]
  return sums.map((sum, i) => (sum / share) * weight[Math.floor(i / units)] + bias[Math.floor(i / units)])
}

function add(a: number, b: number): number {
  return a + b
}

/** Put the cells of each window together; windows do not overlap, a remainder is dropped. */
function byWindow(
  layer: Pooling | Subsampling, maps: Float32Array, shape: Shape,
  start: number, together: (a: number, b: number) => number,
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
          for (let b = 0; b < size; b++) value = together(value, maps[from + b])
        }
        result[at++] = value
      }
    }
  }
  return result
}

/** Every unit reads every value. Four sums at once, for one must wait for its last addition. */
function connected(values: Float32Array, weight: Float32Array, bias: Float32Array): Float32Array {
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

/** Minus the squared distance from each character's bitmap. */
function distances(layer: RadialBasis, values: Float32Array): Float32Array {
  return Float32Array.from(layer.characters, (character) => {
    const bitmap = code(character)
    return -values.reduce((sum, value, j) => sum + (value - bitmap[j]) ** 2, 0)
  })
}
