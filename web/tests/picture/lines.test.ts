// Straight lines in masks: which are found, and which are removed because they are no strokes.

import { describe, expect, test } from 'vitest'
import { boxOf, grey } from '../../src/picture/grid.ts'
import type { Box, Mask } from '../../src/picture/grid.ts'
import { withoutLines } from '../../src/picture/ruled-lines.ts'
import { crossings, levelLines, middleOf, reaches } from '../../src/picture/straight-lines.ts'

/** A mask with rectangles of ink. */
function inked(width: number, height: number, ...boxes: Box[]): Mask {
  const mask = grey(width, height)
  for (const [left, top, right, bottom] of boxes) {
    for (let y = top; y < bottom; y++) mask.data.fill(1, y * width + left, y * width + right)
  }
  return mask
}

describe('level lines', () => {
  test('one across the picture is measured', () => {
    const mask = inked(100, 60, [0, 30, 100, 31], [40, 10, 46, 50])
    const [line, ...others] = levelLines(mask)
    expect(others).toEqual([])
    expect([line.first, line.last, line.thickness, line.gap]).toEqual([0, 99, 1, 0])
    expect([crossings(mask, line), crossings(mask, line, 0, 43)]).toEqual([6, 3])
    expect([reaches(line), middleOf(line)]).toEqual([true, 30.5])
  })

  test('one that ends before the border does not reach it; its gap is counted', () => {
    const [line] = levelLines(inked(100, 60, [5, 30, 50, 32], [53, 30, 100, 32]))
    expect([line.first, line.begins, line.ends, line.gap]).toEqual([5, false, true, 3])
  })

  test('a slanted one is found', () => {
    const mask = grey(100, 60)
    for (let x = 0; x < 100; x++) mask.data[Math.round(30 + 0.08 * (x - 50)) * 100 + x] = 1
    expect(levelLines(mask).map(reaches)).toEqual([true])
  })

  test('of slants that fit equally, the flattest counts', () => {
    const [line] = levelLines(inked(100, 60, [0, 28, 100, 34])) // a thick one has room for slanted ones
    expect(new Set(line.shift)).toHaveLength(1)
  })

  test('short ones, thick ones and nothing are no lines', () => {
    expect(levelLines(inked(100, 60, [0, 30, 60, 32]))).toEqual([])
    expect(levelLines(inked(100, 60, [0, 20, 100, 40]))).toEqual([])
    expect(levelLines(grey(100, 60))).toEqual([])
    expect(levelLines(grey(1, 1))).toEqual([])
    expect(levelLines(grey(0, 5))).toEqual([])
  })
})

describe('removed', () => {
  const stem: Box = [29, 11, 33, 50]

  test('a ruled line; a stroke across it stays', () => {
    const left = withoutLines(inked(60, 60, [0, 30, 60, 31], stem))
    expect(boxOf(left)).toEqual(stem)
    expect(left.data[30 * 60 + 30]).toBe(1)
  })

  test('the lines of squared paper', () => {
    const lines = [5, 20, 35, 50].flatMap((at): Box[] => [[0, at, 60, at + 1], [at, 0, at + 1, 60]])
    expect(boxOf(withoutLines(inked(60, 60, ...lines, stem)))).toEqual([29, 11, 33, 51]) // it ended on a line
  })

  test('the sides of a box', () => {
    const sides: Box[] = [[4, 4, 76, 6], [4, 74, 76, 76], [4, 4, 6, 76], [74, 4, 76, 76]]
    expect(boxOf(withoutLines(inked(80, 80, ...sides, [36, 16, 44, 64])))).toEqual([36, 16, 44, 64])
  })
})

describe('kept', () => {
  const slope = Array.from({ length: 60 }, (_, y): Box => [70 - (y >> 1), y, 77 - (y >> 1), y + 1])

  test.each<[string, Mask]>([
    ['a 1 that fills the picture', inked(60, 90, [28, 0, 34, 90])],
    ['a 7 of two straight strokes', inked(60, 60, [0, 0, 60, 5], [54, 0, 60, 60])],
    ['a 4 of three straight strokes', inked(60, 60, [0, 0, 5, 35], [0, 30, 60, 35], [44, 0, 50, 60])],
    ['ones at both ends of a number', inked(120, 60, [0, 0, 6, 60], [114, 0, 120, 60], ...slope)],
  ])('%s', (_, mask) => {
    expect(withoutLines(mask)).toEqual(mask)
  })
})
