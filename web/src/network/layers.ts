// The layers of a network, read from config.json. All fields are checked, because the file may be corrupt.

export interface Padding {
  readonly layer: 'padding'
  readonly name: string
  readonly size: number
  readonly value: number
}

export interface Convolution {
  readonly layer: 'convolution'
  readonly name: string
  readonly channels: number
  readonly kernel: number
  readonly padding: number
  readonly stride: number
  /** The value of the cells that `padding` adds. */
  readonly border: number
  /** One bias per map, or one per unit as in 1989. */
  readonly bias: 'map' | 'unit'
  /** A row for each input map, an `X` for each output map that reads it; null connects all maps. */
  readonly table: readonly string[] | null
}

/** Two 3×3 convolutions with a shortcut, then max pooling by `rows`×`columns`. */
export interface Residual {
  readonly layer: 'residual'
  readonly name: string
  readonly channels: number
  readonly rows: number
  readonly columns: number
}

export interface Activation {
  readonly layer: 'activation'
  readonly name: string
  readonly kind: 'sigmoid' | 'tanh' | 'relu' | 'leaky relu' | 'scaled tanh'
}

export interface Pooling {
  readonly layer: 'pooling'
  readonly name: string
  readonly kind: 'average' | 'max'
  readonly size: number
}

/** The sum or the average of each window, times the coefficient of the map, plus its bias. */
export interface Subsampling {
  readonly layer: 'subsampling'
  readonly name: string
  readonly kind: 'sum' | 'average'
  readonly size: number
}

export interface Flatten {
  readonly layer: 'flatten'
  readonly name: string
}

export interface Linear {
  readonly layer: 'linear'
  readonly name: string
  readonly units: number
  /** Minus the score of the class "none"; null if the network has no such class. */
  readonly rubbish: number | null
}

/** Minus the squared distance to the bitmap of each character (Proc. IEEE 86(11), 1998, page 8). */
export interface RadialBasis {
  readonly layer: 'radial basis'
  readonly name: string
  readonly characters: string
  readonly rubbish: number
}

export type Layer =
  | Padding
  | Convolution
  | Residual
  | Activation
  | Pooling
  | Subsampling
  | Flatten
  | Linear
  | RadialBasis

/** How a field is checked: its default, a description of valid values, and the check. */
type Field = { readonly default?: unknown; readonly must: string; readonly is: (v: unknown) => boolean }

const LARGEST_WIDTH = 1 << 16

function whole(low: number, high: number, fallback?: number): Field {
  const is = (v: unknown) => Number.isInteger(v) && (v as number) >= low && (v as number) <= high
  return { default: fallback, must: `a whole number from ${low} to ${high}`, is }
}

function real(fallback?: number | null): Field {
  const is = (v: unknown) =>
    (v === null && fallback === null) || (typeof v === 'number' && Math.abs(v) <= 1e6)
  return { default: fallback, must: 'a number from -1e6 to 1e6', is }
}

function choice(words: readonly string[], fallback?: string): Field {
  const is = (v: unknown) => words.includes(v as string)
  return { default: fallback, must: `one of ${words.join(', ')}`, is }
}

const TABLE: Field = {
  default: null,
  must: 'rows of X and . or null',
  is: (v) => v === null || (Array.isArray(v) && v.length > 0 && v.every((row) => typeof row === 'string')),
}

const CHARACTERS: Field = {
  must: 'printable ASCII characters',
  is: (v) => typeof v === 'string' && /^[ -~]+$/.test(v),
}

const FIELDS: Readonly<Record<Layer['layer'], Readonly<Record<string, Field>>>> = {
  padding: { size: whole(1, 64), value: real(0) },
  convolution: {
    channels: whole(1, LARGEST_WIDTH),
    kernel: whole(1, 64, 5),
    padding: whole(0, 64, 0),
    stride: whole(1, 64, 1),
    border: real(0),
    bias: choice(['map', 'unit'], 'map'),
    table: TABLE,
  },
  residual: { channels: whole(1, LARGEST_WIDTH), rows: whole(1, 64, 1), columns: whole(1, 64, 1) },
  activation: { kind: choice(['sigmoid', 'tanh', 'relu', 'leaky relu', 'scaled tanh']) },
  pooling: { kind: choice(['average', 'max']), size: whole(1, 64, 2) },
  subsampling: { kind: choice(['sum', 'average']), size: whole(1, 64, 2) },
  flatten: {},
  linear: { units: whole(1, LARGEST_WIDTH), rubbish: real(null) },
  'radial basis': { characters: CHARACTERS, rubbish: real() },
}

/** Check one layer of config.json; throws an Error of one sentence. */
export function readLayer(value: unknown): Layer {
  if (typeof value !== 'object' || value === null) throw new Error('a layer must be an object')
  const { layer: kind, name, ...given } = value as Record<string, unknown>
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind)) {
    throw new Error(`unknown layer ${JSON.stringify(kind)}`)
  }
  if (typeof name !== 'string') throw new Error(`a layer of kind ${kind} has no name`)
  const fields = FIELDS[kind as Layer['layer']]
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(fields, key))
  if (unknown !== undefined) throw new Error(`${name}: ${kind} has no field ${unknown}`)
  const read: Record<string, unknown> = { layer: kind, name }
  for (const [key, field] of Object.entries(fields)) {
    const found = given[key] === undefined ? field.default : given[key]
    if (!field.is(found)) throw new Error(`${name}: ${key} must be ${field.must}`)
    read[key] = found
  }
  const layer = read as unknown as Layer
  if (layer.layer === 'convolution' && layer.table) checkTable(layer, layer.table)
  if (layer.layer === 'radial basis' && layer.rubbish < 0) {
    throw new Error(`${name}: rubbish must be a number from 0 to 1e6`)
  }
  return layer
}

function checkTable(layer: Convolution, table: readonly string[]): void {
  if (!table.every((row) => row.length === layer.channels && /^[X.]*$/.test(row))) {
    throw new Error(`${layer.name}: table must have a row of ${layer.channels} X or . for each map`)
  }
  for (let out = 0; out < layer.channels; out++) {
    if (table.every((row) => row[out] === '.')) {
      throw new Error(`${layer.name}: table leaves a map without any connection`)
    }
  }
}
