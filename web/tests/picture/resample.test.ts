import { describe, expect, test } from 'vitest'
import { BICUBIC, BILINEAR, BOX, resizedFar, resizedGrey, resizedMask, resizedPlane } from '../../src/picture/resample.ts'

const row = (...levels: number[]) => ({ width: levels.length, height: 1, data: Uint8Array.from(levels) })
const planeRow = (...values: number[]) => ({ width: values.length, height: 1, data: Float32Array.from(values) })

describe('grey levels by hand', () => {
  test.each([
    ['halves are rounded up', [1, 2, 4, 8], 2, BOX, [2, 6]],
    ['thirds', [0, 0, 255, 255, 255, 255], 2, BOX, [85, 255]],
    ['a box that cuts pixels takes the pixels whose middle is inside', [0, 100, 200], 2, BOX, [50, 200]],
    ['a triangle filter reads the neighbours', [0, 100], 4, BILINEAR, [0, 25, 75, 100]],
    ['a cubic filter overshoots, and is clipped', [0, 0, 255, 255], 8, BICUBIC, [0, 0, 0, 52, 203, 255, 255, 255]],
  ])('%s', (_, levels, wanted, filter, expected) => {
    const across = resizedGrey(row(...levels), wanted, 1, filter)
    expect([...across.data]).toEqual(expected)
    const down = resizedGrey({ ...row(...levels), width: 1, height: levels.length }, 1, wanted, filter)
    expect([...down.data]).toEqual(expected)
  })

  test('a part of a picture', () => {
    expect([...resizedGrey(row(9, 10, 20, 9), 2, 1, BOX, [1, 0, 3, 1]).data]).toEqual([10, 20])
    expect([...resizedGrey(row(0, 100, 200, 0), 1, 1, BOX, [1, 0, 3, 1]).data]).toEqual([150])
  })

  test('the same size is the same picture', () => {
    const picture = row(1, 2, 3)
    expect(resizedGrey(picture, 3, 1, BICUBIC)).toEqual(picture)
  })

  test('values are rounded between the passes', () => {
    // Along the rows 0.5 becomes 1, along the columns (1 + 0) / 2 becomes 1; in one pass 1/4 would become 0.
    const picture = { width: 2, height: 2, data: Uint8Array.of(1, 0, 0, 0) }
    expect([...resizedGrey(picture, 1, 1, BOX).data]).toEqual([1])
  })
})

test('planes are not rounded to whole levels', () => {
  expect([...resizedPlane(planeRow(0, 1), 4, 1, BILINEAR).data]).toEqual([0, 0.25, 0.75, 1])
  expect([...resizedPlane(planeRow(1, 2, 4, 8), 2, 1, BOX).data]).toEqual([1.5, 6])
  expect(resizedPlane(planeRow(0, 0, 1, 1), 8, 1, BICUBIC).data[2]).toBeLessThan(0)
})

test('a much larger picture is first reduced to averages of cells', () => {
  const picture = row(...Array.from({ length: 16 }, (_, i) => 10 * i))
  // Pairs first (5, 25, ...), then pairs of these twice over.
  expect([...resizedFar(picture, 4, 1, BOX, [0, 0, 16, 1]).data]).toEqual([15, 55, 95, 135])
  expect([...resizedFar(picture, 8, 1, BOX, [0, 0, 16, 1]).data]).toEqual([...resizedGrey(picture, 8, 1, BOX).data])
})

test('a resized mask has no values between 0 and 1', () => {
  expect([...resizedMask(row(1, 0, 1), 6, 1).data]).toEqual([1, 1, 0, 0, 1, 1])
  expect([...resizedMask(row(1, 0, 0, 1), 2, 1).data]).toEqual([0, 1])
})
