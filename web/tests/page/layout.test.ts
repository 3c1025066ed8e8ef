import { describe, expect, it } from 'vitest'
import { cellBox, layoutOf, mapBox, unitAt, type Room } from '../../src/parts/layout.ts'

const RIGHT: Room = { height: 390, width: null, zoom: 1 }
const DOWN: Room = { height: 390, width: 310, zoom: 1.6 }
const SHAPES = [
  [1, 28, 28],
  [6, 28, 28],
  [6, 14, 14],
  [16, 10, 10],
  [16, 5, 5],
  [120, 1, 1],
  [3, 20, 8],
  [400],
  [120],
  [84],
  [10],
  [7],
]

describe.each([
  ['left to right', RIGHT],
  ['top to bottom', DOWN],
])('layers from %s', (_, room) => {
  it.each(SHAPES)('%s %s %s: every unit is found at its place, and the layer fits', (...shape) => {
    const sides = shape.filter((side) => side !== undefined)
    const layout = layoutOf(sides, room)
    const [count, height = 1, width = 1] = sides
    expect(room.width === null ? layout.height : layout.width).toBeLessThanOrEqual(room.width ?? room.height)
    for (let channel = 0; channel < count; channel++) {
      for (const [row, column] of [
        [0, 0],
        [height - 1, width - 1],
        [height >> 1, width >> 1],
      ]) {
        const box = cellBox(layout, { channel, row, column })
        expect(box.x + box.width).toBeLessThanOrEqual(layout.width + 1e-9)
        expect(box.y + box.height).toBeLessThanOrEqual(layout.height + 1e-9)
        expect(unitAt(layout, box.x + box.width / 2, box.y + box.height / 2)).toEqual({
          channel,
          row,
          column,
        })
      }
    }
  })
})

it('finds no unit between maps, outside, or at the end of the last row', () => {
  const layout = layoutOf([6, 14, 14], RIGHT)
  const map = mapBox(layout, 0)
  expect(unitAt(layout, map.width + layout.gap / 2, 1)).toBeNull()
  expect(unitAt(layout, -1, 1)).toBeNull()
  expect(unitAt(layout, 1, layout.height + layout.gap + 1)).toBeNull()
  const units = layoutOf([7], { ...RIGHT, height: 10 })
  expect(units.columns).toBeGreaterThan(1)
  expect(unitAt(units, units.width - 1, units.height - 1)).toBeNull()
})

it('cuts a window off at the border of its map', () => {
  const layout = layoutOf([6, 28, 28], RIGHT)
  const whole = cellBox(layout, { channel: 1, row: 10, column: 10 }, 5, 5)
  const cut = cellBox(layout, { channel: 1, row: -2, column: 26 }, 5, 5)
  expect([whole.width, whole.height]).toEqual([5 * layout.cell, 5 * layout.cell])
  expect([cut.width, cut.height]).toEqual([2 * layout.cell, 3 * layout.cell])
  expect(cut.y).toBe(mapBox(layout, 1).y)
})

it('draws 84 units as a 7 × 12 bitmap', () => {
  expect(layoutOf([84], RIGHT, true).columns).toBe(7)
  expect(layoutOf([84], DOWN, true).columns).toBe(7)
})
