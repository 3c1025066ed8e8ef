import { expect, test } from 'vitest'
import { withMargin } from '../../src/picture/extend-background.ts'

const page = (width: number, height: number, level: (x: number, y: number) => number) => ({
  width, height, data: Uint8Array.from({ length: width * height }, (_, i) => level(i % width, Math.floor(i / width))),
})

test('even paper is extended around a stroke that touches the border', () => {
  const wide = withMargin(page(6, 4, (x) => (x === 2 ? 20 : 200)))!
  expect([wide.width, wide.height]).toEqual([12, 10])
  const expected = page(12, 10, (x, y) => (x === 5 && y >= 3 && y < 7 ? 20 : 200))
  expect([...wide.data]).toEqual([...expected.data])
})

test('uneven light is extended with the slope at the border', () => {
  const wide = withMargin(page(40, 30, (x, y) => (x === 20 ? 0 : 100 + 2 * x + y)))!
  const level = (x: number, y: number) => wide.data[y * wide.width + x]
  for (const [x, y, expected] of [[0, 0, 100], [79, 69, 207], [0, 35, 115], [79, 20, 178]]) {
    expect(Math.abs(level(x, y) - expected)).toBeLessThan(4)
  }
})

test.each([
  ['blank', page(9, 7, () => 180)],
  ['one pixel', page(1, 1, () => 3)],
  ['ink in the middle', page(9, 9, (x, y) => (x === 4 && y > 1 && y < 7 ? 10 : 220))],
  ['grain', page(9, 9, (x, y) => 200 + ((3 * x + 5 * y) % 7))],
])('%s: not extended', (_, picture) => {
  expect(withMargin(picture)).toBeNull()
})
