import { describe, expect, test } from 'vitest'
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
    expect(networkInput(page, { pictures: 'digits', inputShape: [1, 28, 28] })).toEqual(new Uint8Array(784))
  })

  test.each([
    [{ pictures: 'numbers' as const, inputShape: [1, 32, 32] }, 'reads numbers'],
    [{ pictures: 'digits' as const, inputShape: [2, 28, 28] }, 'the network reads 2'],
  ])('%j is refused', (network, message) => {
    expect(() => networkInput(page, network)).toThrow(message)
  })

  test('an image of MNIST does not change, and its negative is inverted', () => {
    const data = new Uint8Array(784)
    data.fill(200, 300, 310)
    const image = { width: 28, height: 28, channels: 1 as const, data }
    const network = { pictures: 'digits' as const, inputShape: [1, 28, 28] }
    expect(networkInput(image, network)).toEqual(data)
    expect(networkInput({ ...image, data: data.map((level) => 255 - level) }, network)).toEqual(data)
  })
})
