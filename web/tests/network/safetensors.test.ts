import { describe, expect, test } from 'vitest'
import { readSafetensors } from '../../src/network/safetensors.ts'
import { file, tensors } from './made.ts'

const EIGHT = new Uint8Array(8)
const one = (entry: object) => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...entry } })

describe('a good file', () => {
  test('gives its tensors, at any place', () => {
    const found = readSafetensors(tensors({ 'a.weight': { shape: [2, 1], values: [1, -2.5] }, b: { shape: [], values: [3] } }))
    expect([...found.keys()]).toEqual(['a.weight', 'b'])
    expect(found.get('a.weight')).toEqual({ shape: [2, 1], values: Float32Array.of(1, -2.5) })
    expect(found.get('b')!.values).toEqual(Float32Array.of(3))
  })

  test('may have metadata and an empty tensor', () => {
    const header = { __metadata__: { format: 'pt' }, a: { dtype: 'F32', shape: [0], data_offsets: [0, 0] } }
    expect([...readSafetensors(file(header, new Uint8Array())).keys()]).toEqual(['a'])
  })
})

const BAD: [what: string, file: ArrayBuffer, message: string][] = [
  ['nothing', new ArrayBuffer(0), 'too short'],
  ['seven bytes', new ArrayBuffer(7), 'too short'],
  ['a header longer than the file', file('{}', new Uint8Array(), 3), 'longer than the file'],
  ['a header of 2^63 bytes', file('{}', new Uint8Array(), Number.MAX_SAFE_INTEGER), 'longer than the file'],
  ['no JSON', file('{"a"', new Uint8Array()), 'not JSON'],
  ['no UTF-8', file('"x"', new Uint8Array([0xff]), 4), 'not JSON'],
  ['a list', file('[]', new Uint8Array()), 'not an object'],
  ['null', file('null', new Uint8Array()), 'not an object'],
  ['another kind of number', file(one({ dtype: 'F16' }), EIGHT), 'float32'],
  ['an entry that is null', file({ a: null }, EIGHT), 'float32'],
  ['no shape', file(one({ shape: 2 }), EIGHT), 'no shape'],
  ['a negative side', file(one({ shape: [-2] }), EIGHT), 'no shape'],
  ['a side that is no whole number', file(one({ shape: [0.5] }), EIGHT), 'no shape'],
  ['three offsets', file(one({ data_offsets: [0, 4, 8] }), EIGHT), 'no shape'],
  ['offsets turned round', file(one({ data_offsets: [8, 0] }), EIGHT), 'outside'],
  ['offsets beyond the end', file(one({ shape: [3], data_offsets: [0, 12] }), EIGHT), 'outside'],
  ['fewer numbers than its shape', file(one({ shape: [3] }), EIGHT), 'more or fewer'],
  ['a shape too large to multiply', file(one({ shape: [2 ** 40, 2 ** 40] }), EIGHT), 'more or fewer'],
  ['bytes behind the last tensor', file(one({}), new Uint8Array(9)), 'bytes behind'],
  ['a gap', file(one({ shape: [1], data_offsets: [4, 8] }), EIGHT), 'gap'],
  [
    'two tensors in one place',
    file({ ...one({}), b: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, EIGHT),
    'overlap',
  ],
]

test.each(BAD)('%s is refused', (_, bytes, message) => {
  expect(() => readSafetensors(bytes)).toThrow(message)
})
