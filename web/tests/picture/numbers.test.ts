import { expect, test } from 'vitest'
import { between, greatest, mostAreBelow, quantile, quantileOfLevels, round, select, sum, sumOfDoubles } from '../../src/picture/numbers.ts'

test.each([
  [0.5, 0], [1.5, 2], [2.5, 2], [-0.5, 0], [-1.5, -2], [-2.5, -2], [0.4999999, 0], [2.6, 3], [-2.6, -3], [7, 7],
])('round(%s) is %s, as in Python', (value, expected) => {
  expect(round(value) + 0).toBe(expected)
})

// Pseudo-random values that are the same in every run.
const drawn = (count: number, levels = 1000) => Float32Array.from({ length: count }, (_, i) => ((i * 7919 + 13) % 1009) % levels)
const sorted = (values: Float32Array) => values.slice().sort()

test.each([1, 2, 3, 8, 24, 25, 100, 501])('selection from %i values', (count) => {
  for (const values of [drawn(count), drawn(count, 3), new Float32Array(count).fill(2)]) {
    const ordered = sorted(values)
    for (const k of [0, count >> 1, count - 1]) expect(select(values.slice(), k)).toBe(ordered[k])
    const middle = count % 2 ? ordered[count >> 1] : Math.fround((ordered[count / 2 - 1] + ordered[count / 2]) / 2)
    for (const bound of [middle - 0.25, middle, middle + 0.25, -1]) {
      expect(mostAreBelow(values, bound)).toBe(ordered.filter((value) => value < bound).length > count / 2)
    }
    const most = Math.min(24, count)
    expect(greatest(values, most)).toEqual(ordered.slice(count - most))
  }
})

test.each([
  [[4, 1, 3, 2], 0, 1], [[4, 1, 3, 2], 1, 4], [[4, 1, 3, 2], 0.5, 2.5], [[10, 20], 0.25, 12.5], [[5], 0.8, 5],
  [[0, 10, 20, 30, 40], 0.8, 32],
])('the quantile of %j at %s is %s', (values, share, expected) => {
  expect(quantile(Float32Array.from(values), share)).toBeCloseTo(expected, 5)
  expect(quantileOfLevels(Float32Array.from(values), share)).toBeCloseTo(expected, 5)
})

test('interpolation between two values', () => {
  expect(between(0, 1, 0)).toBe(0)
  expect(between(0, 1, 1)).toBe(1)
  expect(between(0.1, 0.3, 0.5)).toBeCloseTo(0.2, 6)
})

test('sums in single precision have eight partial sums', () => {
  // 2^24 + 1 is not a float32: if added one after the other, the ones would be lost.
  const values = Float32Array.of(2 ** 24, 1, 1, 1, 1, 1, 1, 1)
  expect(sum(values)).toBe(2 ** 24 + 6) // (2^24 + 1) is 2^24; (1 + 1) + 4 are not lost
  expect(sum(Float32Array.of(2 ** 24, 1, 1))).toBe(2 ** 24)
  expect(sum(new Float32Array())).toBe(0)
})

test.each([0, 5, 8, 127, 128, 129, 1000])('sums of %i doubles', (count) => {
  const values = Float64Array.from({ length: count }, (_, i) => i / 8)
  expect(sumOfDoubles(values)).toBe(Math.abs(count * (count - 1)) / 16)
})
