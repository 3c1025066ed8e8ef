import { describe, expect, test } from 'vitest'
import { boxOf } from '../../src/picture/grid.ts'
import { networkInput } from '../../src/picture/network-input.ts'
import { border, fitted, fromImageData, toGrey } from '../../src/picture/picture.ts'

const canvas = (width: number, height: number, ...data: number[]) =>
  ({ width, height, data: Uint8ClampedArray.from(data), colorSpace: 'srgb' }) as unknown as ImageData

describe('from a canvas', () => {
  test('a picture without colour becomes grey, transparent pixels become white', () => {
    const picture = fromImageData(canvas(2, 2, 0, 0, 0, 255, 9, 9, 9, 0, 0, 0, 0, 128, 7, 7, 7, 255))
    expect(picture).toEqual({ width: 2, height: 2, channels: 1, data: Uint8Array.of(0, 255, 127, 7) })
  })

  test('one coloured pixel makes a picture in colour', () => {
    const picture = fromImageData(canvas(2, 1, 1, 1, 1, 255, 10, 20, 30, 255))
    expect(picture).toEqual({ width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 1, 1, 10, 20, 30) })
  })
})

test.each([
  [[255, 0, 0], 76], [[0, 255, 0], 150], [[0, 0, 255], 29], [[255, 255, 255], 255], [[10, 20, 30], 18],
])('%j is the grey %i', (colour, level) => {
  const picture = { width: 1, height: 1, channels: 3 as const, data: Uint8Array.from(colour) }
  expect([...toGrey(picture).data]).toEqual([level])
})

test('the free space gets the median of the border', () => {
  const picture = { width: 4, height: 1, channels: 1 as const, data: Uint8Array.of(8, 10, 10, 200) }
  expect([...border(picture)].sort((a, b) => a - b)).toEqual([8, 8, 8, 10, 10, 10, 10, 200, 200, 200])
  expect([...fitted(picture, 4, 3).data]).toEqual([10, 10, 10, 10, 8, 10, 10, 200, 10, 10, 10, 10])
})

describe("a network's input", () => {
  const page = { width: 3, height: 3, channels: 1 as const, data: new Uint8Array(9).fill(255) }

  test('of a blank page is blank', () => {
    expect(networkInput(page, { pictures: 'digits', inputShape: [1, 28, 28] })).toEqual({ image: new Uint8Array(784), several: false })
  })

  test.each([
    [{ pictures: 'numbers' as const, inputShape: [1, 32, 32] }, 'reads numbers'],
    [{ pictures: 'digits' as const, inputShape: [2, 28, 28] }, 'the network reads 2'],
  ])('%j is refused', (network, message) => {
    expect(() => networkInput(page, network)).toThrow(message)
  })

  describe('several digits', () => {
    /** Upright strokes of a pen, dark on white, each from its left and top down `height` pixels. */
    const strokes = (...boxes: [left: number, top: number, height: number][]) => {
      const data = new Uint8Array(160 * 160).fill(255)
      for (const [left, top, height] of boxes) {
        for (let y = top; y < top + height; y++) data.fill(20, y * 160 + left, y * 160 + left + 8)
      }
      return { width: 160, height: 160, channels: 1 as const, data }
    }
    test.each([
      ['one', false, strokes([76, 40, 80])],
      ['two side by side', true, strokes([50, 40, 80], [100, 40, 80])],
      ['two side by side that lie close', true, strokes([70, 40, 80], [90, 40, 80])],
      ['three', true, strokes([30, 40, 80], [76, 40, 80], [120, 40, 80])],
      ['two in two rows', true, strokes([50, 20, 40], [100, 100, 40])],
      ['two of unlike height', false, strokes([50, 40, 80], [100, 80, 40])],
      ['a broken one', false, strokes([76, 30, 46], [76, 80, 46])],
    ])('%s: %s', (_, several, picture) => {
      for (const shape of [[1, 28, 28], [1, 16, 16], [3, 32, 32]]) {
        expect(networkInput(picture, { pictures: 'digits', inputShape: shape }).several).toBe(several)
      }
      expect(networkInput(picture, { pictures: 'clothing', inputShape: [1, 28, 28] }).several).toBe(false)
      expect(networkInput(picture, { pictures: 'plain', inputShape: [1, 28, 28] }).several).toBe(false)
    })
  })

  describe('a stroke on 28 × 28 pixels', () => {
    /** Rows from `top` to `bottom`, as wide as a pen, in the columns from `left`. */
    const stroke = (left: number, top: number, bottom: number) => {
      const data = new Uint8Array(784)
      for (let y = top; y < bottom; y++) data.fill(200, y * 28 + left, y * 28 + left + 4)
      return { width: 28, height: 28, channels: 1 as const, data }
    }
    const network = { pictures: 'digits' as const, inputShape: [1, 28, 28] }
    const negative = (data: Uint8Array) => data.map((level) => 255 - level)

    test('does not change if it is framed like those of MNIST, and its negative is inverted', () => {
      const image = stroke(12, 4, 24)
      expect(networkInput(image, network)).toEqual({ image: image.data, several: false })
      expect(networkInput({ ...image, data: negative(image.data) }, network).image).toEqual(image.data)
    })

    test.each([
      ['too far to the right', stroke(16, 4, 24)],
      ['too far up', stroke(12, 1, 21)],
      ['too small', stroke(12, 6, 22)],
      ['too large', stroke(12, 2, 26)],
    ])('is framed anew if it is %s', (_, image) => {
      const made = networkInput(image, network).image
      const [left, top, right, bottom] = boxOf({ ...image, data: made })!
      expect(bottom - top).toBe(20)
      expect(Math.abs((left + right) / 2 - 14)).toBeLessThanOrEqual(1)
      expect(Math.abs((top + bottom) / 2 - 14)).toBeLessThanOrEqual(1)
      expect(networkInput({ ...image, data: negative(image.data) }, network).image).toEqual(made)
    })
  })
})
