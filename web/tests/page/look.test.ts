import { describe, expect, it } from 'vitest'
import { placeOf, shifted } from '../../src/parts/look.ts'
import { probabilityWords } from '../../src/parts/bars.ts'
import { ticks, tickWords } from '../../src/parts/chart.ts'
import { percent, short } from '../../src/parts/dom.ts'
import { verdict } from '../../src/parts/verdict.ts'

describe('shifted', () => {
  const image = Uint8Array.from([1, 2, 3, 4, 5, 6])
  it.each([
    [0, 0, [1, 2, 3, 4, 5, 6]],
    [1, 0, [0, 1, 2, 0, 4, 5]],
    [-1, 0, [2, 3, 0, 5, 6, 0]],
    [0, 1, [0, 0, 0, 1, 2, 3]],
    [2, -1, [0, 0, 4, 0, 0, 0]],
    [3, 0, [0, 0, 0, 0, 0, 0]],
    [0, -9, [0, 0, 0, 0, 0, 0]],
  ])('by %i, %i', (x, y, expected) => {
    expect([...shifted(image, [1, 2, 3], { x, y })]).toEqual(expected)
  })

  it('moves the channels of a pixel together', () => {
    expect([...shifted(Uint8Array.from([1, 2, 3, 4, 5, 6]), [3, 1, 2], { x: 1, y: 0 })]).toEqual([
      0, 0, 0, 1, 2, 3,
    ])
  })
})

describe('placeOf', () => {
  const picture = (ink: (x: number, y: number) => boolean) => ({
    width: 280,
    height: 280,
    channels: 1 as const,
    data: Uint8Array.from({ length: 280 * 280 }, (_, k) => (ink(k % 280, Math.floor(k / 280)) ? 0 : 255)),
  })
  it.each([
    ['nothing', () => false, 0, 0],
    ['the middle', (x: number, y: number) => Math.abs(x - 139.5) < 20 && Math.abs(y - 139.5) < 40, 0, 0],
    [
      'three pixels of 28 right, one up',
      (x: number, y: number) => Math.abs(x - 169.5) < 20 && Math.abs(y - 129.5) < 40,
      3,
      -1,
    ],
  ])('%s', (_, ink, x, y) => {
    expect(placeOf(picture(ink), [1, 28, 28])).toEqual({ x, y })
  })
})

describe('formatted numbers', () => {
  it.each([
    [0, '0.0%'],
    [1, '100.0%'],
    [0.9731, '97.3%'],
    [0.99996, '>99.9%'],
    [1e-9, '<0.1%'],
    [0.5, '50.0%'],
  ])('percent(%d) is %s', (share, text) => {
    expect(percent(share)).toBe(text)
  })
  it.each([
    [0, '<0.1%'],
    [1e-9, '<0.1%'],
    [0.0012, '0.1%'],
    [1, '100.0%'],
  ])('the probability %d is %s', (share, text) => {
    expect(probabilityWords(share)).toBe(text)
  })
  it.each([
    [0, '0'],
    [-0.0331, '−0.0331'],
    [1.234, '1.23'],
    [45.67, '45.7'],
    [-248.3, '−248'],
    [NaN, 'NaN'],
    [0.00001, '1.0e−5'],
    [-0.00007, '−7.0e−5'],
  ])('short(%d) is %s', (value, text) => {
    expect(short(value)).toBe(text)
  })
  it.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 10, 5, [0, 2, 4, 6, 8, 10]],
    [0.91, 0.99, 4, [0.92, 0.94, 0.96, 0.98]],
    [-3, 3, 3, [-2, 0, 2]],
    [0, 0.97, 7, [0, 0.2, 0.4, 0.6, 0.8]],
  ])('ticks from %d to %d', (low, high, most, expected) => {
    expect(ticks(low, high, most)).toEqual(expected)
  })
  it.each([
    [0, 2, [0, 1, 2]],
    [0, 3.4, [0, 1, 2, 3]],
    [0, 10, [0, 2, 4, 6, 8, 10]],
    [1, 30, [5, 10, 15, 20, 25, 30]],
  ])('whole ticks from %d to %d', (low, high, expected) => {
    expect(ticks(low, high, 7, 1)).toEqual(expected)
  })
  it.each([
    [0, '0'],
    [0.2, '0.2'],
    [0.5, '0.5'],
    [1, '1'],
    [20, '20'],
    [-0.25, '−0.25'],
    [0.001, '0.001'],
    [100 * 0.07, '7'],
    [2e6, '2.0e+6'],
  ])('the tick %d is %s', (tick, text) => {
    expect(tickWords(tick)).toBe(text)
  })
})

describe('verdict', () => {
  const answer = { label: '3', probability: 0.97, rejected: false, top: [], none: 0.01, several: false }
  it.each([
    [{}, '3', 'sure'],
    [{ none: null }, '3', 'sure'],
    [{ rejected: true }, 'Not sure', 'rejected'],
    [{ rejected: true, probability: 0.2, none: 0.7 }, 'None of these', 'rejected'],
  ])('%o', (change, text, state) => {
    expect(verdict({ ...answer, ...change })).toMatchObject({ text, state })
  })

  it('several digits are not sure, even if the one that was found may be none of the classes', () => {
    for (const change of [{}, { probability: 0.2, none: 0.7 }]) {
      const { text, detail, state } = verdict({ ...answer, ...change, rejected: true, several: true })
      expect([text, state]).toEqual(['Not sure', 'rejected'])
      expect(detail).toContain('Read view')
    }
  })
})
