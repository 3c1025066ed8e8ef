import { describe, expect, test } from 'vitest'
import { answer, probabilities } from '../../src/network/answer.ts'
import { made } from './made.ts'

const FLAT = { layer: 'flatten', name: 'flat' }
const linear = (rubbish: number | null) => [FLAT, { layer: 'linear', name: 'fc', units: 3, rubbish }]
const INPUT = { image: Uint8Array.of(0, 1), several: false }
const SCORES = Float32Array.of(0, Math.log(2), Math.log(5))
const network = (rubbish: number | null, calibration = {}) =>
  made([1, 1, 2], linear(rubbish), { calibration: { temperature: null, thresholds: [], most_none: null, ...calibration } })

describe('probabilities', () => {
  test.each([
    ['softmax', network(null), [1 / 8, 2 / 8, 5 / 8]],
    ['with the class none at score 0', network(-0), [1 / 9, 2 / 9, 5 / 9]],
    ['with the class none at score -1', network(1), [1, 2, 5].map((power) => power / (8 + Math.exp(-1)))],
    ['a temperature of 2', network(null, { temperature: 2 }), [1, Math.SQRT2, Math.sqrt(5)].map((p) => p / (1 + Math.SQRT2 + Math.sqrt(5)))],
    ['the temperature divides the score of none too', network(2, { temperature: 2 }), [1, Math.SQRT2, Math.sqrt(5)].map((p) => p / (1 + Math.SQRT2 + Math.sqrt(5) + Math.exp(-1)))],
  ])('%s', (_, artifact, expected) => {
    probabilities(artifact, SCORES).forEach((share, k) => expect(share).toBeCloseTo(expected[k], 6))
  })

  test('outputs trained by squared error to ±1', () => {
    const squashed = made([1, 1, 3], [FLAT, { layer: 'activation', name: 'out', kind: 'scaled tanh' }])
    expect([...probabilities(squashed, Float32Array.of(-1.5, 0, 0.5))]).toEqual([0, 0.5, 0.75])
  })

  test('scores whose exponentials are infinite', () => {
    expect([...probabilities(network(null), Float32Array.of(1000, 0, -1000))]).toEqual([1, 0, 0])
  })
})

describe('answers', () => {
  test('all classes, the most probable first; equal ones in their order', () => {
    const { label, probability, top, none, rejected } = answer(network(null), Float32Array.of(1, 3, 3), INPUT)
    expect([label, none, rejected]).toEqual(['b', null, false])
    expect(top.map((one) => one.label)).toEqual(['b', 'c', 'a'])
    expect(top[0].probability).toBe(probability)
  })

  const SURE = { thresholds: [[0.02, 0.7], [0.1, 0.6]] }
  test.each([
    ['sure enough', 0.1, false],
    ['between two error rates the stricter threshold is used', 0.099, true],
    ['not sure enough', 0.02, true],
    ['the lowest error rate is the default if it is above 1%', undefined, true],
  ])('%s: an error rate of %s', (_, error, rejected) => {
    expect(answer(network(null, SURE), SCORES, INPUT, error).rejected).toBe(rejected)
  })

  test.each([
    [0.2, false],
    [0.1, true],
  ])('none has the probability 1/9, and the limit is %s', (most_none, rejected) => {
    const found = answer(network(0, { most_none }), SCORES, INPUT)
    expect(found.none).toBeCloseTo(1 / 9, 6)
    expect(found.rejected).toBe(rejected)
  })

  test.each([
    ['one shade', Uint8Array.of(7, 7), 1, true],
    ['two shades', Uint8Array.of(7, 8), 1, false],
    ['one colour', Uint8Array.of(1, 2, 3, 1, 2, 3), 3, true],
    ['two colours', Uint8Array.of(1, 2, 3, 1, 2, 4), 3, false],
  ])('an image of %s', (_, image, channels, rejected) => {
    const artifact = made([channels, 1, 2], linear(null))
    expect(answer(artifact, Float32Array.of(9, 0, 0), { image, several: false }).rejected).toBe(rejected)
  })

  test('of several digits one is named, and the answer is rejected however probable', () => {
    const found = answer(network(null), Float32Array.of(99, 0, 0), { ...INPUT, several: true })
    expect(found).toMatchObject({ label: 'a', probability: 1, rejected: true, several: true })
    expect(answer(network(null), Float32Array.of(99, 0, 0), INPUT)).toMatchObject({ rejected: false, several: false })
  })

  test('scores of NaN are never accepted', () => {
    expect(answer(network(null), Float32Array.of(NaN, 0, 0), INPUT).rejected).toBe(true)
  })

  test.each([
    [0, 'between 0 and 1'],
    [1, 'between 0 and 1'],
    [NaN, 'between 0 and 1'],
    [0.01, 'no threshold for an error rate of 1%'],
  ])('an error rate of %s is refused', (error, message) => {
    expect(() => answer(network(null, SURE), SCORES, INPUT, error)).toThrow(message)
  })

  test('without thresholds no error rate can be given', () => {
    expect(() => answer(network(null), SCORES, INPUT, 0.1)).toThrow('has no thresholds')
  })
})
