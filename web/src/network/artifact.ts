// A trained network: config.json describes it, model.safetensors holds its weights.

import { outputShape, parameterShapes } from './arithmetic.ts'
import type { Shape } from './arithmetic.ts'
import { readLayer } from './layers.ts'
import type { Layer } from './layers.ts'
import { readSafetensors } from './safetensors.ts'
import type { Tensor } from './safetensors.ts'

export type { Layer } from './layers.ts'

export type Pictures = 'plain' | 'digits' | 'clothing' | 'numbers'

/** Maps a stored pixel, 0 to 255, to the network's input: `pixel * scale + offset`. */
export interface Normalization {
  readonly scale: number
  readonly offset: number
}

/** Temperature and rejection thresholds; see `answer`. */
export interface Calibration {
  readonly temperature: number | null
  /** Pairs [error rate, lowest probability to accept], with rising error rates. */
  readonly thresholds: readonly (readonly [number, number])[]
  readonly most_none: number | null
}

export interface Artifact {
  /** The name on the page and in errors. */
  readonly name: string
  /** [channels, height, width]. */
  readonly inputShape: readonly number[]
  readonly layers: readonly Layer[]
  readonly classes: readonly string[]
  readonly pictures: Pictures
  readonly normalization: Normalization
  readonly calibration: Calibration
  /** Data, recipe, seed, version and date of the training; only shown. */
  readonly origin: Readonly<Record<string, unknown>>
  /** The number of other members of the ensemble; the page does not load them. */
  readonly otherMembers: number
  /** Weights and biases by name, such as `conv1.weight`; row-major. */
  readonly parameters: ReadonlyMap<string, Float32Array>
}

/**
 * Read a trained network.
 *
 * @param name The name on the page and in errors.
 * @param config The text of config.json.
 * @param weights The bytes of model.safetensors.
 * @throws Error of one sentence: a file is corrupt, or the two do not fit together.
 */
export function readArtifact(name: string, config: string, weights: ArrayBuffer): Artifact {
  const described = prefixErrors(`config.json of ${name} is corrupt`, () => readConfig(name, config))
  const parameters = prefixErrors(`model.safetensors of ${name} is corrupt`, () => readParameters(described, weights))
  return { ...described, parameters }
}

function prefixErrors<T>(prefix: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Error(`${prefix}: ${(error as Error).message}`)
  }
}

function readConfig(name: string, text: string): Omit<Artifact, 'parameters'> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
  const table = object(value, 'it')
  if (table.format !== 1) throw new Error(`its format is ${JSON.stringify(table.format)}, this page reads 1`)
  const network = object(table.network, 'its network')
  const inputShape = network.input_shape
  if (!Array.isArray(inputShape) || inputShape.length !== 3 || !inputShape.every(isSide)) {
    throw new Error("'input_shape' must be [channels, height, width], each from 1 to 4096")
  }
  if (!Array.isArray(network.layers) || network.layers.length === 0) {
    throw new Error("'layers' must be a list of layers")
  }
  const layers = network.layers.map(readLayer)
  if (new Set(layers.map((layer) => layer.name)).size < layers.length) {
    throw new Error('two layers share a name')
  }
  if (layers.slice(0, -1).some((layer) => layer.layer === 'linear' && layer.rubbish !== null)) {
    throw new Error("only the last layer may have 'rubbish'")
  }
  const scores = layers.reduce<Shape>((shape, layer) => outputShape(layer, shape), inputShape)
  if (scores.length !== 1) throw new Error('the network must end in a vector of class scores')
  const classes = table.classes
  if (!Array.isArray(classes) || !classes.every((one) => typeof one === 'string')) {
    throw new Error("'classes' must be a list of names")
  }
  if (classes.length !== scores[0]) {
    throw new Error(`${classes.length} class names for ${scores[0]} outputs`)
  }
  const pictures = table.pictures ?? 'plain'
  if (!['plain', 'digits', 'clothing', 'numbers'].includes(pictures as string)) {
    throw new Error(`its 'pictures' are ${JSON.stringify(pictures)}, which this page does not know`)
  }
  return {
    name,
    inputShape,
    layers,
    classes,
    pictures: pictures as Pictures,
    normalization: readNormalization(table.normalization),
    calibration: readCalibration(table.calibration),
    origin: object(table.origin ?? {}, "'origin'"),
    otherMembers: readOtherMembers(table['beside'] ?? 0),
  }
}

function readOtherMembers(value: unknown): number {
  if (!Number.isInteger(value) || !isBetween(value, 0, 9)) throw new Error("'beside' must be a whole number up to 9")
  return value as number
}

function readNormalization(value: unknown): Normalization {
  const { scale, offset } = object(value, "'normalization'")
  if (!Number.isFinite(scale) || !Number.isFinite(offset)) {
    throw new Error("'normalization' must hold 'scale' and 'offset', both numbers")
  }
  return { scale: scale as number, offset: offset as number }
}

function readCalibration(value: unknown): Calibration {
  if (value === undefined || value === null) return { temperature: null, thresholds: [], most_none: null }
  const { temperature, thresholds, most_none } = object(value, "'calibration'")
  if (temperature !== null && !isBetween(temperature, 1e-6, 1e6)) {
    throw new Error('a temperature is a number from 1e-6 to 1e6, or null')
  }
  if (most_none !== null && !isBetween(most_none, 0, 1)) {
    throw new Error("'most_none' is a number from 0 to 1, or null")
  }
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((one) => isBetween(one, 0, 1))
  if (!Array.isArray(thresholds) || !thresholds.every(isPair)) {
    throw new Error("'thresholds' must be pairs of numbers from 0 to 1")
  }
  const pairs = thresholds as [number, number][]
  if (pairs.some(([error, least], k) => k > 0 && (error <= pairs[k - 1][0] || least > pairs[k - 1][1]))) {
    throw new Error("'thresholds' must have rising error rates, and probabilities that do not rise")
  }
  return { temperature: temperature as number | null, thresholds: pairs, most_none: most_none as number | null }
}

function readParameters(described: Omit<Artifact, 'parameters'>, file: ArrayBuffer): Map<string, Float32Array> {
  const found = readSafetensors(file)
  const parameters = new Map<string, Float32Array>()
  let shape: Shape = described.inputShape
  for (const layer of described.layers) {
    for (const [key, expected] of Object.entries(parameterShapes(layer, shape))) {
      const name = `${layer.name}.${key}`
      const tensor = found.get(name)
      if (!tensor) throw new Error(`it has no ${name}`)
      if (tensor.shape.join() !== expected.join()) {
        throw new Error(`${name} is ${tensor.shape.join('×')}, where config.json describes ${expected.join('×')}`)
      }
      const values = dequantize(name, tensor, found)
      if (!values.every(Number.isFinite)) throw new Error(`${name} holds weights that are NaN or infinite`)
      parameters.set(name, values)
      found.delete(name)
    }
    shape = outputShape(layer, shape)
  }
  if (found.size) throw new Error('it holds parameters that config.json does not describe')
  return parameters
}

/** Dequantize an int8 weight with the scales of its output units; return a float32 weight unchanged. */
function dequantize(name: string, { shape, values }: Tensor, found: Map<string, Tensor>): Float32Array {
  if (values instanceof Float32Array) return values
  const scale = found.get(`${name}.scale`)
  if (!scale || !(scale.values instanceof Float32Array) || scale.shape.join() !== `${shape[0]}`) {
    throw new Error(`${name} is int8, but has no scales`)
  }
  found.delete(`${name}.scale`)
  const each = values.length / shape[0]
  return Float32Array.from(values, (value, k) => value * scale.values[Math.floor(k / each)])
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what} must be an object`)
  }
  return value as Record<string, unknown>
}

function isSide(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 4096
}

function isBetween(value: unknown, low: number, high: number): boolean {
  return typeof value === 'number' && value >= low && value <= high
}
