// What a layer does, in words and in arithmetic.

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

/** What a layer is called. */
export function kindOf(layer: Layer | null): string {
  switch (layer?.layer) {
    case undefined:
      return 'what the network sees'
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
      return 'Frame'
  }
}

/** The shape as the papers write it: 6@28×28. */
export function shapeOf(shape: readonly number[]): string {
  return shape.length === 3 ? `${shape[0]}@${shape[1]}×${shape[2]}` : `${shape[0]} units`
}

/** Why the shape is what it is: "(28 + 2·2 − 5) / 1 + 1 = 28". */
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
      return 'the shape stays'
  }
}

/** Where the count of learnt numbers comes from. */
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

/** What the layer does to its input, in a sentence or two. */
export function story({ layer, inputShape, outputShape }: LayerCost): string {
  switch (layer.layer) {
    case 'convolution': {
      const from =
        inputShape[0] === 1
          ? 'the image'
          : layer.table
            ? 'some of the maps before'
            : `all ${inputShape[0]} maps before`
      return (
        `Each of the ${outputShape[0]} maps slides its own ${layer.kernel} × ${layer.kernel} kernel over ${from}. ` +
        'A unit is the sum of all products under the kernel, plus the map’s bias: the same weights everywhere.'
      )
    }
    case 'activation':
      return {
        relu: 'What is below zero becomes zero; all else passes unchanged.',
        'leaky relu': 'A fifth is left of what is below zero; all else passes unchanged.',
        sigmoid:
          'Every value is squashed to between 0 and 1. Far from zero the curve is flat: the unit is ' +
          'saturated, and hardly learns.',
        tanh: 'Every value is squashed to between −1 and 1.',
        'scaled tanh': 'Every value is squashed to between −1.7159 and 1.7159; ±1 stays ±1.',
      }[layer.kind]
    case 'pooling':
      return (
        `Each ${layer.size} × ${layer.size} window becomes one value, its ` +
        `${layer.kind === 'max' ? 'greatest' : 'average'}. Where exactly a stroke lies matters less after this.`
      )
    case 'subsampling':
      return (
        `The values of each ${layer.size} × ${layer.size} window are ` +
        `${layer.kind === 'sum' ? 'added up' : 'averaged'}, times the map’s coefficient, plus its bias: both learnt.`
      )
    case 'flatten':
      return 'The maps are written one after another, row by row, as one long vector. No number changes.'
    case 'linear':
      return `Every unit weighs all ${count(inputShape[0])} values before it, adds them up and adds its bias.`
    case 'radial basis':
      return (
        'Each class has a 7 × 12 bitmap. A score is minus the squared distance between the 84 values and ' +
        'the bitmap: the nearest wins.'
      )
    case 'residual':
      return 'Two convolutions 3 × 3 learn what to add to the maps that came in; of each cell the largest goes on.'
    case 'padding':
      return `A frame of background, ${layer.size} wide, so that strokes at the edge can lie in the middle of a kernel.`
  }
}

/** How many units are at the flat end of an activation, and how steep it is at the others. */
export interface Activity {
  /** Share of units whose slope is almost nothing, 0 to 1. */
  readonly flat: number
  /** Mean slope over all units: what a gradient is multiplied by on its way back. */
  readonly slope: number
  /** What a flat unit is called. */
  readonly word: string
}

/** How alive the units of an activation are; null for other layers. */
export function activity({ layer, values }: Stage): Activity | null {
  if (layer?.layer !== 'activation') return null
  let [flat, slope] = [0, 0]
  for (const value of values) {
    const steep = slopeAt(layer.kind, value)
    slope += steep
    // A fifth of the greatest slope: beyond about ±2.9 for a sigmoid.
    if (steep < 0.2 * slopeAt(layer.kind, layer.kind === 'sigmoid' ? 0.5 : layer.kind === 'relu' ? 1 : 0))
      flat++
  }
  return {
    flat: flat / values.length,
    slope: slope / values.length,
    word: layer.kind.endsWith('relu') ? 'silent' : 'saturated',
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

/** The function itself, for its curve. */
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
