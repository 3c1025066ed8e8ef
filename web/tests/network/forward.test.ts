// Every layer on inputs that are small enough to compute the result by hand.

import { describe, expect, test } from 'vitest'
import { forward } from '../../src/network/forward.ts'
import { made } from './made.ts'

const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9]
const SIXTEEN = Array.from({ length: 16 }, (_, i) => i)

interface Case {
  name: string
  shape: number[]
  layer: object
  numbers?: Record<string, number[]>
  pixels: number[]
  out: number[]
  values: number[]
}

const CASES: Case[] = [
  {
    name: 'convolution: a kernel of 2 that adds the upper left and twice the lower right pixel',
    shape: [1, 3, 3],
    layer: { layer: 'convolution', name: 'it', channels: 1, kernel: 2 },
    numbers: { 'it.weight': [1, 0, 0, 2], 'it.bias': [0.5] },
    pixels: NINE,
    out: [1, 2, 2],
    values: [1 + 10, 2 + 12, 4 + 16, 5 + 18].map((sum) => sum + 0.5),
  },
  {
    name: 'convolution: padding with another value, and a stride with a remainder',
    shape: [1, 3, 3],
    layer: { layer: 'convolution', name: 'it', channels: 1, kernel: 2, padding: 1, border: -1, stride: 2 },
    numbers: { 'it.weight': [1, 1, 1, 1], 'it.bias': [0] },
    pixels: NINE,
    out: [1, 2, 2],
    values: [-3 + 1, -2 + 2 + 3, -2 + 4 + 7, 5 + 6 + 8 + 9],
  },
  {
    name: 'convolution: a table that leaves one connection out, a bias for each unit',
    shape: [2, 1, 2],
    layer: { layer: 'convolution', name: 'it', channels: 2, kernel: 1, bias: 'unit', table: ['XX', '.X'] },
    numbers: { 'it.weight': [2, 3, 5], 'it.bias': [1, 2, 3, 4] },
    pixels: [1, 10, 2, 20], // 1, 2 and 10, 20: channels come last in an image
    out: [2, 1, 2],
    values: [2 + 1, 4 + 2, 3 + 50 + 3, 6 + 100 + 4],
  },
  {
    name: 'convolution: kernels of 5, as in every LeNet',
    shape: [1, 5, 6],
    layer: { layer: 'convolution', name: 'it', channels: 1 },
    numbers: { 'it.weight': Array.from({ length: 25 }, (_, i) => (i === 0 ? 1 : i === 24 ? 100 : 0)), 'it.bias': [7] },
    pixels: Array.from({ length: 30 }, (_, i) => i),
    out: [1, 1, 2],
    values: [0 + 2800 + 7, 1 + 2900 + 7],
  },
  {
    name: 'padding',
    shape: [1, 1, 2],
    layer: { layer: 'padding', name: 'it', size: 1, value: -0.5 },
    pixels: [3, 4],
    out: [1, 3, 4],
    values: [-0.5, -0.5, -0.5, -0.5, -0.5, 3, 4, -0.5, -0.5, -0.5, -0.5, -0.5],
  },
  {
    name: 'average pooling drops a remainder',
    shape: [1, 3, 3],
    layer: { layer: 'pooling', name: 'it', kind: 'average' },
    pixels: NINE,
    out: [1, 1, 1],
    values: [3],
  },
  {
    name: 'maximum pooling',
    shape: [1, 4, 4],
    layer: { layer: 'pooling', name: 'it', kind: 'max' },
    pixels: SIXTEEN,
    out: [1, 2, 2],
    values: [5, 7, 13, 15],
  },
  {
    name: 'subsampling by sum',
    shape: [1, 2, 2],
    layer: { layer: 'subsampling', name: 'it', kind: 'sum' },
    numbers: { 'it.weight': [0.5], 'it.bias': [-1] },
    pixels: [1, 2, 3, 4],
    out: [1, 1, 1],
    values: [4],
  },
  {
    name: 'subsampling by average, another coefficient for each map',
    shape: [2, 2, 2],
    layer: { layer: 'subsampling', name: 'it', kind: 'average' },
    numbers: { 'it.weight': [2, -1], 'it.bias': [1, 0] },
    pixels: [1, 4, 2, 4, 3, 4, 4, 4],
    out: [2, 1, 1],
    values: [2 * 2.5 + 1, -4],
  },
]

describe('layers by hand', () => {
  test.each(CASES)('$name', ({ shape, layer, numbers, pixels, out, values }) => {
    const stages = forward(made(shape, [layer], { numbers: numbers ?? {} }), Uint8Array.from(pixels))
    expect(stages.map((stage) => stage.name)).toEqual(['image', 'it'])
    expect(stages[1].shape).toEqual(out)
    expect([...stages[1].values]).toEqual(values)
  })

  test.each([
    ['relu', [-2, 0, 3], [0, 0, 3]],
    ['leaky relu', [-2, 0, 3], [-0.4, 0, 3]],
    ['tanh', [-2, 0, 3], [Math.tanh(-2), 0, Math.tanh(3)]],
    ['sigmoid', [-2, 0, 3], [1 / (1 + Math.E ** 2), 0.5, 1 / (1 + Math.E ** -3)]],
    ['sigmoid', [-200, 0, 50], [0, 0.5, 1]],
    ['scaled tanh', [-1, 0, 1], [-1, 0, 1]], // made so that ±1 stays ±1, to four digits
  ])('%s of %j', (kind, inputs, outputs) => {
    // The offset makes negative inputs of pixels.
    const given = { normalization: { scale: 1, offset: -200 } }
    const network = made([1, 1, 3], [{ layer: 'activation', name: 'it', kind }], given)
    const { values } = forward(network, Uint8Array.from(inputs, (value) => value + 200))[1]
    values.forEach((value, i) => expect(value).toBeCloseTo(outputs[i], 4))
  })

  test('linear after flatten: channel by channel, row by row', () => {
    const layers = [{ layer: 'flatten', name: 'flat' }, { layer: 'linear', name: 'it', units: 2 }]
    const numbers = { 'it.weight': [1, 10, 100, 1000, 0, 0, 0, 1], 'it.bias': [0.5, -1] }
    const stages = forward(made([2, 1, 2], layers, { numbers }), Uint8Array.of(1, 3, 2, 4))
    expect([...stages[1].values]).toEqual([1, 2, 3, 4])
    expect([...stages[2].values]).toEqual([4321.5, 3])
  })

  test('a Gaussian unit: minus the squared distance from its bitmap', () => {
    const layers = [{ layer: 'flatten', name: 'flat' }, { layer: 'radial basis', name: 'it', characters: ' 1', rubbish: 10 }]
    const stages = forward(made([1, 12, 7], layers), new Uint8Array(84))
    expect([...stages[2].values]).toEqual([-84, -84]) // from 0 to ±1, 84 times
    const ones = forward(made([1, 12, 7], layers), new Uint8Array(84).fill(1))
    expect(ones[2].values[0]).toBe(-4 * 84) // a blank's bitmap is -1 throughout
  })

  test('pixels are normalized', () => {
    const network = made([1, 1, 2], [{ layer: 'flatten', name: 'it' }], { normalization: { scale: 0.005, offset: -0.1 } })
    const [image] = forward(network, Uint8Array.of(0, 255))
    expect(image.values[0]).toBeCloseTo(-0.1, 6)
    expect(image.values[1]).toBeCloseTo(1.175, 6)
  })

  test('an image of another size is refused', () => {
    const network = made([1, 2, 2], [{ layer: 'flatten', name: 'it' }])
    expect(() => forward(network, new Uint8Array(5))).toThrow('needs 4 values per image, this image has 5')
  })
})
