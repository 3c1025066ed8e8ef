// The preprocessing steps for digits, on small pictures.

import { describe, expect, test } from 'vitest'
import { components, maskOf } from '../../src/picture/components.ts'
import { centred, digit } from '../../src/picture/digit.ts'
import { blurred, largest3, smallest3 } from '../../src/picture/filters.ts'
import { boxOf, cut, pasted } from '../../src/picture/grid.ts'
import type { Mask } from '../../src/picture/grid.ts'
import { closed, dilated, eroded, otsuThreshold, strokeWidth } from '../../src/picture/ink.ts'

/** Make a mask from rows of text; every character except a dot is set. */
function mask(...rows: string[]) {
  const data = Uint8Array.from(rows.join(''), (cell) => Number(cell !== '.'))
  return { width: rows[0].length, height: rows.length, data }
}

const shown = ({ width, height, data }: Mask) =>
  Array.from({ length: height }, (_, y) => [...data.subarray(y * width, (y + 1) * width)].map((c) => (c ? '#' : '.')).join(''))

const plane = (width: number, ...values: number[]) => ({ width, height: values.length / width, data: Float32Array.from(values) })

describe('components', () => {
  test('are connected at corners, and are in the order of their first pixels', () => {
    const picture = mask('##..#', '..#..', '....#', '#..##')
    const found = components(picture)
    expect(found.map(({ top, left, bottom, right, area }) => [top, left, bottom, right, area])).toEqual([
      [0, 0, 2, 3, 3],
      [0, 4, 1, 5, 1],
      [2, 3, 4, 5, 3],
      [3, 0, 4, 1, 1],
    ])
    expect(shown(maskOf(found, 5, 4))).toEqual(shown(picture))
    expect(shown(maskOf([found[2]], 5, 4))).toEqual(['.....', '.....', '....#', '...##'])
  })

  test('two arms that meet below are one component', () => {
    expect(components(mask('#.#.#', '#.#.#', '#####'))).toHaveLength(1)
    expect(components(mask('#.#', '...', '#.#'))).toHaveLength(4)
    expect(components(mask('...'))).toHaveLength(0)
  })

  test('the last pixel of a row does not touch the first of the next', () => {
    expect(components(mask('..#', '...', '#..'))).toHaveLength(2)
    expect(components(mask('...#', '#...'))).toHaveLength(2)
  })
})

describe('ink', () => {
  test('maximum and minimum around each pixel; an even window is larger to the left and the top', () => {
    const row = plane(5, 0, 0, 7, 0, 0)
    expect([...dilated(row, 3).data]).toEqual([0, 7, 7, 7, 0])
    expect([...dilated(row, 2).data]).toEqual([0, 0, 7, 7, 0])
    expect([...eroded(plane(3, 5, 1, 5), 3).data]).toEqual([1, 1, 1])
  })

  test('closing fills narrow gaps and keeps wide gaps', () => {
    expect([...closed(plane(7, 9, 9, 0, 9, 9, 9, 9), 3).data]).toEqual([9, 9, 9, 9, 9, 9, 9])
    expect([...closed(plane(7, 9, 9, 0, 0, 0, 9, 9), 3).data]).toEqual([9, 9, 0, 0, 0, 9, 9])
  })

  test('the threshold is between two values', () => {
    const ink = plane(5, 0.1, 0.1, 0.1, 0.8, 0.8)
    expect(otsuThreshold(ink)).toBeGreaterThan(0.1)
    expect(otsuThreshold(ink)).toBeLessThanOrEqual(0.8)
    expect(otsuThreshold(plane(2, -1, 2))).toBe(1 / 64) // nothing from 0 to 1
  })
})

describe('filters', () => {
  test('maximum and minimum of the neighbours', () => {
    const picture = { width: 4, height: 3, data: Uint8Array.of(0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0) }
    expect([...largest3(picture).data]).toEqual([9, 9, 9, 0, 9, 9, 9, 0, 9, 9, 9, 0])
    expect([...smallest3({ ...picture, data: picture.data.map((v) => 9 - v) }).data]).toEqual([0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9])
  })

  test('blurring keeps an even picture, and the sum of a dot except for rounding', () => {
    const even = { width: 5, height: 4, data: new Uint8Array(20).fill(131) }
    expect(blurred(even, 1.3)).toEqual(even)
    const dot = { width: 15, height: 15, data: new Uint8Array(225) }
    dot.data[112] = 255
    const soft = blurred(dot, 1).data
    expect(Math.abs(soft.reduce((a, b) => a + b, 0) - 255)).toBeLessThan(20)
    expect(soft[111]).toBe(soft[113])
    expect(soft[97]).toBe(soft[127])
  })
})

describe('digit', () => {
  test('a stroke of three pixels has that width', () => {
    const picture = mask('.'.repeat(60), ...Array(3).fill('.' + '#'.repeat(58) + '.'), '.'.repeat(60))
    expect(strokeWidth(picture)).toBeCloseTo(3 / (Math.PI / 4) / (1 + 3 / 58), 1)
  })

  test('the centre of mass is moved to pixel 14, 14', () => {
    const image = centred({ width: 3, height: 3, data: Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0) })
    expect(image.data.indexOf(255)).toBe(14 * 28 + 14)
  })

  test('a blank picture gives a blank image', () => {
    const blank = { width: 120, height: 90, data: new Uint8Array(120 * 90).fill(255) }
    expect(digit(blank).small.data.some(Boolean)).toBe(false)
  })

  test('a shifted digit gives the same image: 25 of 200 pixels are 24 of the 192 that are searched', () => {
    const page = (left: number, top: number) => {
      const data = new Uint8Array(200 * 200).fill(255)
      for (let y = 0; y < 90; y++) data.fill(0, (top + y) * 200 + left, (top + y) * 200 + left + 12)
      return digit({ width: 200, height: 200, data }).small
    }
    const one = page(60, 40)
    expect(boxOf(one)![3] - boxOf(one)![1]).toBe(20)
    expect(page(110, 65)).toEqual(one)
  })
})

test('cropping with a margin', () => {
  const part = cut(mask('###', '###'), [1, 0, 3, 2], 1)
  expect(shown(part)).toEqual(['....', '.##.', '.##.', '....'])
})

test('a part in place of another', () => {
  const picture = mask('....', '....', '....')
  expect(shown(pasted(mask('##', '.#'), picture, 1, 1))).toEqual(['....', '.##.', '..#.'])
  expect(shown(picture)).toEqual(['....', '....', '....'])
})
