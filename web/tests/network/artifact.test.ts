import { expect, test } from 'vitest'
import { readArtifact } from '../../src/network/artifact.ts'
import { tensors } from './made.ts'

const LAYERS = [{ layer: 'flatten', name: 'flat' }, { layer: 'linear', name: 'fc', units: 2, rubbish: null }]
const CONFIG = {
  format: 1,
  network: { name: 'small', input_shape: [1, 1, 2], layers: LAYERS },
  classes: ['a', 'b'],
  normalization: { scale: 0.5, offset: 0 },
  origin: { data: 'letters' },
  pictures: 'digits',
  calibration: { temperature: 2, thresholds: [[0.01, 0.9], [0.05, 0.5]], most_none: null },
}
const WEIGHTS = { 'fc.weight': { shape: [2, 2], values: [1, 2, 3, 4] }, 'fc.bias': { shape: [2], values: [0, 1] } }

const read = (config: unknown, weights: Parameters<typeof tensors>[0] = WEIGHTS) =>
  readArtifact('mine', typeof config === 'string' ? config : JSON.stringify(config), tensors(weights))

test('a trained network is read completely', () => {
  const artifact = read(CONFIG)
  expect(artifact).toMatchObject({ name: 'mine', inputShape: [1, 1, 2], classes: ['a', 'b'], pictures: 'digits' })
  expect(artifact.layers.map((layer) => layer.layer)).toEqual(['flatten', 'linear'])
  expect(artifact.parameters.get('fc.weight')).toEqual(Float32Array.of(1, 2, 3, 4))
  expect(artifact.calibration.thresholds).toEqual([[0.01, 0.9], [0.05, 0.5]])
})

test('fields that older files do not have get defaults', () => {
  const { calibration, pictures, origin, ...rest } = CONFIG
  expect([calibration, pictures, origin]).toHaveLength(3)
  expect(read(rest)).toMatchObject({ pictures: 'plain', otherMembers: 0, origin: {}, calibration: { thresholds: [], temperature: null } })
  const convolution = { layer: 'convolution', name: 'it', channels: 2 }
  const network = { ...CONFIG.network, input_shape: [1, 5, 5], layers: [convolution, LAYERS[0]] }
  const weights = { 'it.weight': { shape: [2, 1, 5, 5], values: Array(50).fill(0) }, 'it.bias': { shape: [2], values: [0, 0] } }
  expect(read({ ...CONFIG, network }, weights).layers[0]).toEqual({
    layer: 'convolution', name: 'it', channels: 2, kernel: 5, padding: 0, stride: 1, border: 0, bias: 'map', table: null,
  })
})

const BLOCK = { layer: 'residual', name: 'block', channels: 2, columns: 2 }

test('residual blocks are read, and int8 weights are dequantized', () => {
  const network = { ...CONFIG.network, input_shape: [1, 1, 6], layers: [BLOCK, ...LAYERS] }
  const weights = {
    'block.first.weight': { shape: [2, 1, 3, 3], values: Array(18).fill(100), bytes: true },
    'block.first.weight.scale': { shape: [2], values: [0.5, 2] },
    'block.first.bias': { shape: [2], values: [0, 0] },
    'block.second.weight': { shape: [2, 2, 3, 3], values: Array(36).fill(0) },
    'block.second.bias': { shape: [2], values: [0, 0] },
    'block.shortcut.weight': { shape: [2, 1], values: [1, 1] },
    ...WEIGHTS,
  }
  const artifact = read({ ...CONFIG, network }, weights)
  expect(artifact.layers[0]).toEqual({ ...BLOCK, rows: 1 })
  const found = artifact.parameters.get('block.first.weight')!
  expect([...found]).toEqual([...Array(9).fill(50), ...Array(9).fill(200)])
  expect(artifact.parameters.has('block.first.weight.scale')).toBe(false)

  const { 'block.first.weight.scale': scale, ...without } = weights
  expect(() => read({ ...CONFIG, network }, without)).toThrow('no scales')
  const three = { ...scale, shape: [3], values: [1, 2, 3] }
  expect(() => read({ ...CONFIG, network }, { ...weights, 'block.first.weight.scale': three })).toThrow('no scales')
  expect(() => read({ ...CONFIG, network }, { ...weights, 'fc.bias.scale': scale })).toThrow('does not describe')
})

const layers = (...list: unknown[]) => ({ ...CONFIG, network: { ...CONFIG.network, layers: list } })
const layer = (one: object) => layers({ name: 'it', ...one }, ...LAYERS)
const calibration = (one: object) => ({ ...CONFIG, calibration: { ...CONFIG.calibration, ...one } })

const BAD: [what: string, config: unknown, message: string][] = [
  ['no JSON', '{', 'not JSON'],
  ['a list', [], 'must be an object'],
  ['another format', { ...CONFIG, format: 2 }, 'format is 2'],
  ['no network', { ...CONFIG, network: null }, 'network must be an object'],
  ['a shape of two', { ...CONFIG, network: { ...CONFIG.network, input_shape: [1, 2] } }, 'input_shape'],
  ['a side of 5000', { ...CONFIG, network: { ...CONFIG.network, input_shape: [1, 5000, 2] } }, 'input_shape'],
  ['no layers', layers(), 'list of layers'],
  ['a layer that is null', layers(null), 'layer must be an object'],
  ['an unknown layer', layer({ layer: 'dropout' }), 'unknown layer "dropout"'],
  ['a layer with the name of a property of every object', layer({ layer: 'constructor' }), 'unknown layer'],
  ['a layer without a name', layers({ layer: 'flatten' }), 'has no name'],
  ['an unknown field', layer({ layer: 'flatten', depth: 3 }), 'flatten has no field depth'],
  ['a field that is missing', layer({ layer: 'padding' }), 'size must be'],
  ['too many channels', layer({ layer: 'convolution', channels: 1e9 }), 'channels must be'],
  ['half a channel', layer({ layer: 'convolution', channels: 0.5 }), 'channels must be'],
  ['half a member of an ensemble', { ...CONFIG, beside: 0.5 }, "'beside'"],
  ['a block of no rows', layer({ layer: 'residual', channels: 1, rows: 0 }), 'rows must be'],
  ['a block too wide for its maps', layer({ layer: 'residual', channels: 1 }), 'do not fit'],
  ['a stride of 0', layer({ layer: 'convolution', channels: 1, kernel: 1, stride: 0 }), 'stride must be'],
  ['another activation', layer({ layer: 'activation', kind: 'gelu' }), 'kind must be'],
  ['a table of another width', layer({ layer: 'convolution', channels: 2, kernel: 1, table: ['X'] }), 'table must have'],
  ['a map without connection', layer({ layer: 'convolution', channels: 2, kernel: 1, table: ['X.'] }), 'without any connection'],
  ['a table of another height', layer({ layer: 'convolution', channels: 1, kernel: 1, table: ['X', 'X'] }), '2 rows for 1 maps'],
  ['a kernel too large', layer({ layer: 'convolution', channels: 1, kernel: 3 }), 'does not fit'],
  ['a window too large', layer({ layer: 'pooling', kind: 'max' }), 'does not fit'],
  ['linear on maps', layers(LAYERS[1]), 'flat input'],
  ['pooling of a vector', layers(...LAYERS, { layer: 'pooling', name: 'it', kind: 'max' }), 'needs maps'],
  ['bitmaps of another size', layers(LAYERS[0], { layer: 'radial basis', name: 'it', characters: '0', rubbish: 1 }), 'needs 84'],
  ['a character that has no bitmap', layer({ layer: 'radial basis', characters: 'é', rubbish: 1 }), 'ASCII'],
  ['a negative rubbish', layer({ layer: 'radial basis', characters: '0', rubbish: -1 }), 'rubbish'],
  ['two layers of one name', layers(LAYERS[0], { ...LAYERS[0] }), 'share a name'],
  ['rubbish in the middle', layers(LAYERS[0], { ...LAYERS[1], rubbish: 0 }, { ...LAYERS[1], name: 'x' }), 'only the last layer'],
  ['maps at the end', layers({ layer: 'activation', name: 'it', kind: 'relu' }), 'end in a vector'],
  ['one class too few', { ...CONFIG, classes: ['a'] }, '1 class names for 2 outputs'],
  ['classes without names', { ...CONFIG, classes: [1, 2] }, 'list of names'],
  ['other pictures', { ...CONFIG, pictures: 'cats' }, "'pictures' are"],
  ['no scale', { ...CONFIG, normalization: { offset: 0 } }, 'normalization'],
  ['a temperature of 0', calibration({ temperature: 0 }), 'temperature'],
  ['none of more than 1', calibration({ most_none: 1.5 }), 'most_none'],
  ['thresholds that are no pairs', calibration({ thresholds: [[0.1]] }), 'pairs'],
  ['errors that fall', calibration({ thresholds: [[0.2, 0.5], [0.1, 0.5]] }), 'rising error rates'],
  ['an origin that is a text', { ...CONFIG, origin: 'here' }, 'origin'],
]

test.each(BAD)('config.json: %s', (_, config, message) => {
  expect(() => read(config)).toThrow(message)
  expect(() => read(config)).toThrow('config.json of mine is corrupt')
})

test.each([
  ['a parameter too few', { 'fc.weight': WEIGHTS['fc.weight'] }, 'has no fc.bias'],
  ['one too many', { ...WEIGHTS, more: { shape: [1], values: [0] } }, 'does not describe'],
  ['another shape', { ...WEIGHTS, 'fc.bias': { shape: [2, 1], values: [0, 0] } }, 'fc.bias is 2×1'],
  ['a weight that is NaN', { ...WEIGHTS, 'fc.bias': { shape: [2], values: [0, NaN] } }, 'NaN or infinite'],
  ['an infinite weight', { ...WEIGHTS, 'fc.bias': { shape: [2], values: [0, Infinity] } }, 'NaN or infinite'],
])('model.safetensors: %s', (_, weights, message) => {
  expect(() => read(CONFIG, weights as typeof WEIGHTS)).toThrow(message)
  expect(() => read(CONFIG, weights as typeof WEIGHTS)).toThrow('model.safetensors of mine is corrupt')
})
