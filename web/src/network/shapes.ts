// Costs of layers, receptive fields, and the products behind the value of a unit. Stages are numbered as
// `forward` returns them: 0 is the input, k is the output of layer k - 1.

import { links, multiplyAccumulates, outputShape, parameterShapes, product } from './arithmetic.ts'
import type { Shape } from './arithmetic.ts'
import type { Artifact } from './artifact.ts'
import { bitmapOf } from './bitmaps.ts'
import type { Stage } from './forward.ts'
import type { Layer } from './layers.ts'

/** A part of the image, in pixels. */
export interface Rectangle {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** A layer with its shapes, its number of parameters and its multiply-accumulates. */
export interface LayerCost {
  readonly layer: Layer
  readonly inputShape: Shape
  readonly outputShape: Shape
  readonly parameters: number
  readonly multiplyAccumulates: number
}

/** The costs of all layers, from input to output. */
export function layerCosts(artifact: Pick<Artifact, 'inputShape' | 'layers'>): LayerCost[] {
  let shape: Shape = artifact.inputShape
  return artifact.layers.map((layer) => {
    const inputShape = shape
    shape = outputShape(layer, inputShape)
    const shapes = Object.values(parameterShapes(layer, inputShape))
    return {
      layer,
      inputShape,
      outputShape: shape,
      parameters: shapes.reduce((all, one) => all + product(one), 0),
      multiplyAccumulates: multiplyAccumulates(layer, inputShape),
    }
  })
}

type Span = readonly [first: number, last: number]

/**
 * The receptive field of a unit, clipped to the image. Null for a unit that reads only padding. A unit of
 * a vector has the receptive fields of all units of the last feature maps together.
 */
export function receptiveField(artifact: Artifact, stage: number, row: number, column: number): Rectangle | null {
  const costs = layerCosts(artifact).slice(0, stage)
  const shape = costs.at(-1)?.outputShape ?? artifact.inputShape
  let spans: Span[] = shape.length === 3 ? [[row, row], [column, column]] : []
  for (const { layer, inputShape } of costs.reverse()) {
    if (inputShape.length !== 3) continue
    const sides = inputShape.slice(1)
    spans = spans.length ? spans.map((span) => back(layer, span)) : sides.map((side) => [0, side - 1] as const)
    spans = spans.map(([first, last], axis) => [Math.max(first, 0), Math.min(last, sides[axis] - 1)])
    if (spans.some(([first, last]) => last < first)) return null
  }
  const [[top, bottom], [left, right]] = spans as [Span, Span]
  return { top, left, height: bottom - top + 1, width: right - left + 1 }
}

/** The input cells that a span of output cells reads, along one axis. */
function back(layer: Layer, [first, last]: Span): Span {
  switch (layer.layer) {
    case 'padding':
      return [first - layer.size, last - layer.size]
    case 'convolution': {
      const { stride, padding, kernel } = layer
      return [first * stride - padding, last * stride - padding + kernel - 1]
    }
    case 'pooling':
    case 'subsampling':
      return [first * layer.size, last * layer.size + layer.size - 1]
    default:
      return [first, last]
  }
}

/** One input of a unit. */
export interface Term {
  readonly value: number
  readonly weight: number
  /** Its place in the previous stage; the place is outside the map if the input is padding. */
  readonly from: { readonly channel: number; readonly row: number; readonly column: number }
}

export interface Products {
  readonly terms: readonly Term[]
  readonly bias: number
  /** The unit's value. */
  readonly sum: number
}

/**
 * The inputs of a unit with their weights. `sum` is `bias` plus all products, except for an activation (a
 * function of its one input) and a Gaussian unit (minus the squared distance between inputs and weights).
 * Max pooling gives the maximum the weight 1 and the other inputs 0.
 *
 * @param stages What `forward` returned.
 * @param channel The feature map, or the unit of a vector (then row and column are 0).
 */
export function products(
  artifact: Artifact, stages: readonly Stage[], stage: number, channel: number, row: number, column: number,
): Products {
  const { layer, shape, values } = stages[stage]
  const unit = shape.length === 3 ? (channel * shape[1] + row) * shape[2] + column : channel
  const sum = values[unit]
  const before = stages[stage - 1]
  if (!layer || !before) return { terms: [], bias: 0, sum }
  const read = (c: number, y: number, x: number, weight: number, outside = 0): Term => {
    const [, height = 1, width = 1] = before.shape
    const within = y >= 0 && y < height && x >= 0 && x < width
    const value = within ? before.values[(c * height + y) * width + x] : outside
    return { value, weight, from: { channel: c, row: y, column: x } }
  }
  const parameter = (key: string) => artifact.parameters.get(`${layer.name}.${key}`)!
  const terms: Term[] = []
  let bias = 0
  switch (layer.layer) {
    case 'convolution': {
      const { kernel, stride, padding, border } = layer
      const weight = parameter('weight')
      links(layer, before.shape[0]).forEach(([out, input], link) => {
        if (out !== channel) return
        for (let k = 0; k < kernel ** 2; k++) {
          const y = row * stride - padding + Math.floor(k / kernel)
          const x = column * stride - padding + (k % kernel)
          terms.push(read(input, y, x, weight[link * kernel ** 2 + k], border))
        }
      })
      bias = parameter('bias')[layer.bias === 'unit' ? unit : channel]
      break
    }
    case 'pooling':
    case 'subsampling': {
      const { size } = layer
      const factor = layer.kind === 'average' ? 1 / size ** 2 : 1
      const weight = layer.layer === 'subsampling' ? factor * parameter('weight')[channel] : factor
      for (let k = 0; k < size ** 2; k++) {
        terms.push(read(channel, row * size + Math.floor(k / size), column * size + (k % size), weight))
      }
      if (layer.layer === 'subsampling') bias = parameter('bias')[channel]
      if (layer.kind === 'max') {
        const maximum = terms.findIndex((term) => term.value === sum)
        return { terms: terms.map((term, k) => ({ ...term, weight: k === maximum ? 1 : 0 })), bias, sum }
      }
      break
    }
    case 'linear': {
      const count = before.values.length
      const weight = parameter('weight')
      for (let i = 0; i < count; i++) terms.push(read(i, 0, 0, weight[unit * count + i]))
      bias = parameter('bias')[unit]
      break
    }
    case 'radial basis':
      bitmapOf(layer.characters[unit]).forEach((cell, i) => terms.push(read(i, 0, 0, cell)))
      break
    case 'flatten': {
      const [, height = 1, width = 1] = before.shape
      terms.push(read(Math.floor(unit / (height * width)), Math.floor(unit / width) % height, unit % width, 1))
      break
    }
    case 'padding':
      terms.push(read(channel, row - layer.size, column - layer.size, 1, layer.value))
      break
    case 'activation':
      terms.push(read(channel, row, column, 1))
  }
  return { terms, bias, sum }
}
