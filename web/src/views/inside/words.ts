// Descriptions of layers, in words and in arithmetic.

import { links } from '../../network/arithmetic.ts'
import { AMPLITUDE, LEAK, SLOPE, type Stage } from '../../network/forward.ts'
import type { Activation, Layer } from '../../network/layers.ts'
import type { LayerCost } from '../../network/shapes.ts'
import { count } from '../../parts/dom.ts'

const ACTIVATIONS: Readonly<Record<Activation['kind'], string>> = {
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  relu: 'ReLU',
  'leaky relu': 'Leaky ReLU',
  'scaled tanh': 'Scaled tanh',
}

/** The name of a kind of layer. */
export function kindOf(layer: Layer | null): string {
  switch (layer?.layer) {
    case undefined:
      return 'the network’s input'
    case 'convolution':
      return `Convolution ${layer.kernel} × ${layer.kernel}`
    case 'activation':
      return ACTIVATIONS[layer.kind]
    case 'pooling':
      return `${layer.kind === 'max' ? 'Max' : 'Average'} pooling ${layer.size} × ${layer.size}`
    case 'subsampling':
      return `Subsampling ${layer.size} × ${layer.size}`
    case 'flatten':
      return 'Flatten'
    case 'linear':
      return 'Fully connected'
    case 'radial basis':
      return 'Distance to bitmaps'
    case 'residual':
      return 'Residual block'
    case 'padding':
      return 'Padding'
  }
}

/** The shape as the papers write it: 6@28×28. */
export function shapeOf(shape: readonly number[]): string {
  return shape.length === 3 ? `${shape[0]}@${shape[1]}×${shape[2]}` : `${shape[0]} units`
}

/** The arithmetic of the output shape: "(28 + 2·2 − 5) / 1 + 1 = 28". */
export function shapeArithmetic({ layer, inputShape, outputShape }: LayerCost): string {
  const [, height, width] = inputShape
  const sides = (one: (before: number, after: number) => string) => {
    const down = one(height, outputShape[1])
    const across = one(width, outputShape[2])
    return down === across ? down : `${down} down, ${across} across`
  }
  switch (layer.layer) {
    case 'convolution':
      return sides(
        (before, after) =>
          `(${before} + 2·${layer.padding} − ${layer.kernel}) / ${layer.stride} + 1 = ${after}`,
      )
    case 'pooling':
    case 'subsampling':
      return sides((before, after) => `${before} / ${layer.size} = ${after}`)
    case 'padding':
      return sides((before, after) => `${before} + 2·${layer.size} = ${after}`)
    case 'flatten':
      return `${inputShape.join(' · ')} = ${count(outputShape[0])}`
    case 'linear':
      return `${outputShape[0]} rows of ${count(inputShape[0])} weights`
    case 'radial basis':
      return `${outputShape[0]} bitmaps of ${inputShape[0]} cells`
    default:
      return 'same as input'
  }
}

/** The arithmetic of the number of parameters. */
export function parameterArithmetic({ layer, inputShape, outputShape, parameters }: LayerCost): string {
  const total = count(parameters)
  switch (layer.layer) {
    case 'convolution': {
      const square = `${layer.kernel} · ${layer.kernel}`
      const biases = layer.bias === 'unit' ? outputShape.reduce((a, b) => a * b) : layer.channels
      const kernels = layer.table
        ? `${links(layer, inputShape[0]).length} · ${square}`
        : `${layer.channels} · ${inputShape[0]} · ${square}`
      return `${kernels} + ${biases} = ${total}`
    }
    case 'linear':
      return `${count(layer.units)} · ${count(inputShape[0])} + ${layer.units} = ${total}`
    case 'subsampling':
      return `${inputShape[0]} + ${inputShape[0]} = ${total}`
    default:
      return '0'
  }
}

/** A description of a layer, in a sentence or two. */
export function story({ layer, inputShape, outputShape }: LayerCost): string {
  switch (layer.layer) {
    case 'convolution': {
      const from =
        inputShape[0] === 1
          ? 'the image'
          : layer.table
            ? 'some of the input maps'
            : `all ${inputShape[0]} input maps`
      return (
        `Each of the ${outputShape[0]} feature maps has its own ${layer.kernel} × ${layer.kernel} kernel, which slides over ${from}. ` +
        'A unit is the sum of all products under the kernel, plus the bias. All units of a map share these weights.'
      )
    }
    case 'activation':
      return {
        relu: 'Negative values become zero. Other values do not change.',
        'leaky relu': 'Negative values are multiplied by 0.2. Other values do not change.',
        sigmoid:
          'Maps each value to a number between 0 and 1. Far from zero the curve is flat: there the unit is ' +
          'saturated and learns slowly.',
        tanh: 'Maps each value to a number between −1 and 1.',
        'scaled tanh': 'Maps each value to a number between −1.7159 and 1.7159; ±1 stays ±1.',
      }[layer.kind]
    case 'pooling':
      return (
        `Each ${layer.size} × ${layer.size} window becomes one value, its ` +
        `${layer.kind === 'max' ? 'maximum' : 'average'}. After this, the exact place of a stroke matters less.`
      )
    case 'subsampling':
      return (
        `The values of each ${layer.size} × ${layer.size} window are ` +
        `${layer.kind === 'sum' ? 'added up' : 'averaged'}, times the map’s coefficient, plus its bias. Both are parameters.`
      )
    case 'flatten':
      return 'The feature maps are written one after another, row by row, as one long vector. No value changes.'
    case 'linear':
      return `Each unit multiplies all ${count(inputShape[0])} inputs by weights, adds up the products, and adds its bias.`
    case 'radial basis':
      return (
        'Each class has a 7 × 12 bitmap. Its score is minus the squared distance between the 84 inputs and ' +
        'the bitmap. The nearest bitmap wins.'
      )
    case 'residual':
      return 'Two 3 × 3 convolutions learn what to add to the input. Max pooling may follow.'
    case 'padding':
      return `A border of background, ${layer.size} wide. It lets a stroke at the edge lie in the middle of a kernel.`
  }
}

/** How many units of an activation layer have a slope close to 0, and the mean slope of all units. */
export interface Activity {
  /** The share of units with a slope close to 0, from 0 to 1. */
  readonly flat: number
  /** The mean slope of all units, by which backpropagation multiplies a gradient. */
  readonly slope: number
  /** The word for a unit with a slope close to 0. */
  readonly word: string
}

/** Measure the slopes of an activation layer; null for other layers. */
export function activity({ layer, values }: Stage): Activity | null {
  if (layer?.layer !== 'activation') return null
  let [flat, slope] = [0, 0]
  for (const value of values) {
    const steep = slopeAt(layer.kind, value)
    slope += steep
    // Close to 0 is less than a fifth of the greatest slope: for a sigmoid, inputs beyond about ±2.9.
    if (steep < 0.2 * slopeAt(layer.kind, layer.kind === 'sigmoid' ? 0.5 : layer.kind === 'relu' ? 1 : 0))
      flat++
  }
  return {
    flat: flat / values.length,
    slope: slope / values.length,
    word: layer.kind.endsWith('relu') ? 'inactive' : 'saturated',
  }
}

/** The slope of an activation where its output is `value`. */
function slopeAt(kind: Activation['kind'], value: number): number {
  switch (kind) {
    case 'relu':
      return value > 0 ? 1 : 0
    case 'leaky relu':
      return value > 0 ? 1 : LEAK
    case 'sigmoid':
      return value * (1 - value)
    case 'tanh':
      return 1 - value * value
    case 'scaled tanh':
      return AMPLITUDE * SLOPE * (1 - (value / AMPLITUDE) ** 2)
  }
}

/** The activation function, for its curve. */
export function activationOf(kind: Activation['kind'], value: number): number {
  switch (kind) {
    case 'relu':
      return Math.max(0, value)
    case 'leaky relu':
      return Math.max(LEAK * value, value)
    case 'sigmoid':
      return 1 / (1 + Math.exp(-value))
    case 'tanh':
      return Math.tanh(value)
    case 'scaled tanh':
      return AMPLITUDE * Math.tanh(SLOPE * value)
  }
}
