import { describe, expect, test } from 'vitest'
import { forward } from '../../src/network/forward.ts'
import { layerCosts, products, receptiveField } from '../../src/network/shapes.ts'
import type { Products } from '../../src/network/shapes.ts'
import { made } from './made.ts'

const CHAPTER = made([1, 28, 28], [
  { layer: 'convolution', name: 'conv1', channels: 6, padding: 2 },
  { layer: 'activation', name: 'act1', kind: 'sigmoid' },
  { layer: 'pooling', name: 'pool1', kind: 'average' },
  { layer: 'convolution', name: 'conv2', channels: 16 },
  { layer: 'activation', name: 'act2', kind: 'sigmoid' },
  { layer: 'pooling', name: 'pool2', kind: 'average' },
  { layer: 'flatten', name: 'flatten' },
  { layer: 'linear', name: 'fc1', units: 120 },
  { layer: 'activation', name: 'act3', kind: 'sigmoid' },
  { layer: 'linear', name: 'fc2', units: 84 },
  { layer: 'activation', name: 'act4', kind: 'sigmoid' },
  { layer: 'linear', name: 'fc3', units: 10 },
])

describe('what layers cost', () => {
  test("the textbook's LeNet: 61,706 parameters, 416,520 multiply-accumulates", () => {
    const costs = layerCosts(CHAPTER)
    expect(costs.map((cost) => cost.outputShape.join('×')).slice(0, 8)).toEqual([
      '6×28×28', '6×28×28', '6×14×14', '16×10×10', '16×10×10', '16×5×5', '400', '120',
    ])
    expect(costs.reduce((all, cost) => all + cost.parameters, 0)).toBe(61_706)
    expect(costs.reduce((all, cost) => all + cost.multiplyAccumulates, 0)).toBe(416_520)
  })

  test('C3 of 1998: 1,516 parameters, by Table I', () => {
    const table = ['X...XXX..XXXX.XX', 'XX...XXX..XXXX.X', 'XXX...XXX..X.XXX', '.XXX..XXXX..X.XX', '..XXX..XXXX.XX.X', '...XXX..XXXX.XXX']
    const [cost] = layerCosts(made([6, 14, 14], [{ layer: 'convolution', name: 'C3', channels: 16, table }]))
    expect(cost.parameters).toBe(1516)
    expect(cost.multiplyAccumulates).toBe(60 * 25 * 100)
  })

  test('residual blocks, with the numbers of tests/networks/test_reader.py', () => {
    const costs = layerCosts(made([1, 32, 38], [
      { layer: 'residual', name: 'block1', channels: 24, rows: 2, columns: 2 },
      { layer: 'residual', name: 'block2', channels: 24, rows: 2 },
    ]))
    expect(costs.map((cost) => cost.outputShape)).toEqual([[24, 16, 17], [24, 8, 13]])
    expect(costs.map((cost) => cost.parameters)).toEqual([24 * 9 + 24 + 24 * 24 * 9 + 24 + 24, 2 * (24 * 24 * 9 + 24)])
    expect(costs[0].multiplyAccumulates).toBe(24 * 32 * (9 * 36 + 24 * 9 * 34 + 34))
    expect(costs[1].multiplyAccumulates).toBe(24 * 16 * 24 * 9 * (15 + 13))
  })

  test('H1 of 1989: a bias for every unit', () => {
    const layer = { layer: 'convolution', name: 'H1', channels: 12, padding: 2, stride: 2, border: -1, bias: 'unit' }
    const [cost] = layerCosts(made([1, 16, 16], [layer]))
    expect(cost.parameters).toBe(25 * 12 + 768)
  })
})

describe('receptive fields', () => {
  // The same numbers as in tests/evaluation/probe/test_receptive_field.py.
  test.each([
    ['conv1', 0, 0, [0, 0, 3, 3]],
    ['conv1', 0, 14, [0, 12, 3, 5]],
    ['conv1', 27, 27, [25, 25, 3, 3]],
    ['pool1', 7, 7, [12, 12, 6, 6]],
    ['conv2', 5, 5, [8, 8, 14, 14]],
    ['pool2', 2, 2, [6, 6, 16, 16]],
    ['pool2', 4, 0, [14, 0, 14, 14]],
    ['flatten', 0, 0, [0, 0, 28, 28]],
    ['fc1', 0, 0, [0, 0, 28, 28]],
    ['fc3', 0, 0, [0, 0, 28, 28]],
  ])('%s at %i, %i', (name, row, column, [top, left, height, width]) => {
    const stage = 1 + CHAPTER.layers.findIndex((layer) => layer.name === name)
    expect(receptiveField(CHAPTER, stage, row, column)).toEqual({ top, left, height, width })
  })

  test('a pixel has itself as receptive field, a cell of padding has none', () => {
    const padded = made([1, 3, 3], [{ layer: 'padding', name: 'frame', size: 2 }])
    expect(receptiveField(padded, 0, 1, 2)).toEqual({ top: 1, left: 2, height: 1, width: 1 })
    expect(receptiveField(padded, 1, 1, 2)).toBeNull()
    expect(receptiveField(padded, 1, 2, 3)).toEqual({ top: 0, left: 1, height: 1, width: 1 })
  })
})

describe('products of a unit', () => {
  const random = (count: number, seed: number) => Array.from({ length: count }, (_, i) => Math.sin(seed + i * 1.7) / 2)
  const layers = [
    { layer: 'padding', name: 'frame', size: 1, value: 0.25 },
    { layer: 'convolution', name: 'first', channels: 3, kernel: 3, padding: 1, stride: 2, border: -0.5, bias: 'unit', table: ['XX.', 'X.X'] },
    { layer: 'pooling', name: 'average', kind: 'average' },
    { layer: 'subsampling', name: 'sub', kind: 'average' },
    { layer: 'flatten', name: 'flat' },
    { layer: 'linear', name: 'fc', units: 2 },
  ]
  const network = made([2, 14, 16], layers, {
    normalization: { scale: 1 / 255, offset: 0 },
    numbers: {
      'first.weight': random(4 * 9, 1), 'first.bias': random(3 * 8 * 9, 2), 'sub.weight': random(3, 3),
      'sub.bias': random(3, 4), 'fc.weight': random(2 * 3 * 2 * 2, 5), 'fc.bias': random(2, 6),
    },
  })
  const stages = forward(network, Uint8Array.from({ length: 14 * 16 * 2 }, (_, i) => (i * 73) % 256))
  const total = ({ terms, bias }: Products) => terms.reduce((all, { value, weight }) => all + value * weight, bias)

  test.each([1, 2, 3, 4, 5, 6])('the products of stage %i add up to every unit', (stage) => {
    const [channels, height = 1, width = 1] = stages[stage].shape
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const made = products(network, stages, stage, c, y, x)
          expect(made.sum).toBe(stages[stage].values[(c * height + y) * width + x])
          expect(total(made)).toBeCloseTo(made.sum, 5)
        }
      }
    }
  })

  test('a convolution reads the pixels under its kernel, and padding outside', () => {
    const { terms } = products(network, stages, 2, 1, 0, 0)
    expect(terms).toHaveLength(9) // the second map reads one map only
    expect(terms[0]).toEqual({ value: -0.5, weight: network.parameters.get('first.weight')![18], from: { channel: 0, row: -1, column: -1 } })
    expect(terms[8].from).toEqual({ channel: 0, row: 1, column: 1 })
  })

  test('in max pooling only the maximum counts', () => {
    const pooled = made([1, 2, 2], [{ layer: 'pooling', name: 'it', kind: 'max' }])
    const { terms, sum } = products(pooled, forward(pooled, Uint8Array.of(1, 4, 3, 4)), 1, 0, 0, 0)
    expect(sum).toBe(4)
    expect(terms.map((term) => term.weight)).toEqual([0, 1, 0, 0])
  })

  test('the input has no products', () => {
    expect(products(network, stages, 0, 1, 2, 3)).toMatchObject({ terms: [], bias: 0 })
  })
})
