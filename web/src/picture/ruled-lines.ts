// Tells ruled lines and drawn boxes from strokes, and removes them from a mask of ink.
//
// A straight stroke looks like a line: the stem of a 4, or a 1 at the end of a number. So a ruled line must go
// beyond the writing, to the borders of the picture. Where the picture is cut so closely that strokes reach its
// borders too, a line must be one of several, or much thinner than the strokes.

import { components, maskOf } from './components.ts'
import type { Component } from './components.ts'
import { boxOf, cut, pasted, transposed } from './grid.ts'
import type { Mask } from './grid.ts'
import { strokeWidth } from './ink.ts'
import { round } from './numbers.ts'
import { crossings, levelLines, middleOf, reaches, without } from './straight-lines.ts'
import type { Line } from './straight-lines.ts'

const TIGHT = 0.03 // of the picture's longest side: a wider margin is not cut close to the ink
const SPECK = 0.12 // of the picture's longest side; smaller pieces are left where lines crossed
const GAP = 0.1 // of the picture's width: the longest gap in a line that does not reach the borders
const BEYOND = 0.06 // of the picture's height: how far a rule goes beyond the writing
const TALL = 1.35 // times as high as the writing: no stroke
const TOUCHED = 0.01 // of the picture's height: a stem is touched by strokes along more of its length
const ENDS = 8 // an eighth of a line at each end may be the corner of a frame
const EVEN = 0.2 // of the spacing: how far a line may lie from its place among several
const THIN = 0.6 // of the width of the strokes; a thinner line was not drawn with their pen
const BOX = 0.35 // of the picture's sides: those of the smallest box
const EDGE = 0.1 // of a box's sides: how far from its edge a side may lie
const FRAME = 0.2 // of the picture's width: how far from its border a frame may stand
const WITHIN = 0.2 // of the height of a box or a rule: writing is at least as high
const WIDE = 1.3 // times as wide as high: the picture of a number

/** Remove ruled lines, squares and drawn boxes from a mask; strokes that cross them stay. */
export function withoutLines(mask: Mask): Mask {
  mask = withoutBoxes(mask)
  const turned = transposed(mask)
  const [across, down] = [levelLines(mask), levelLines(turned)]
  if (!across.length && !down.length) return mask
  const level = framed(across, down, mask)
  const upright = framed(down, across, turned)
  if (Math.min(level.filter(reaches).length, upright.filter(reaches).length) > 1) {
    return without(mask, level.filter(reaches), upright.filter(reaches))
  }
  const writing = withoutSpecks(without(mask, level, upright))
  const touched = touches(withoutSpecks(mask), tightOf(mask))
  const tight = touched.left && touched.top && touched.right && touched.bottom
  const both = level.length > 0 && upright.length > 0
  if (tight && both && !boxOf(writing) && !isWide(mask)) return mask // a 7, or a 4
  const chosen = ruled(level, writing, tight)
  const others = chosen.length > 0
  return without(mask, chosen, ruledUpright(upright, transposed(writing), turned, tight, others))
}

/**
 * True if a mask that is cut along its ink shows printed lines: lines in both directions, or one that is much
 * thinner than the strokes, or without which nothing is left of a component.
 */
export function isRuled(mask: Mask): boolean {
  const level = levelLines(mask).filter(reaches)
  const upright = levelLines(transposed(mask)).filter(reaches)
  if (!level.length && !upright.length) return false
  const writing = withoutSpecks(without(mask, level, upright))
  if (!boxOf(writing)) return false // a 1, or a 7
  if (level.length && upright.length) return true
  const isGone = ({ runs }: Component) =>
    !runs.some((start, run) => run % 2 === 0 && writing.data.subarray(start, runs[run + 1]).some(Boolean))
  return thin([...level, ...upright], writing).length > 0 || components(withoutSpecks(mask)).some(isGone)
}

/** Remove the sides of large boxes with something inside. */
function withoutBoxes(mask: Mask): Mask {
  const { width, height } = mask
  for (const { top, left, bottom, right } of components(mask)) {
    if (bottom - top < BOX * height || right - left < BOX * width) continue
    const inner = cut(mask, [left, top, right, bottom])
    const level = outer(levelLines(inner), bottom - top)
    const upright = level.length ? outer(levelLines(transposed(inner)), right - left) : []
    if (!upright.length) continue
    const writing = without(inner, level, upright)
    const [, first, , last] = boxOf(withoutSpecks(writing)) ?? EMPTY
    if (last - first >= WITHIN * (bottom - top)) mask = pasted(writing, mask, left, top)
  }
  return mask
}

const EMPTY = [0, 0, 0, 0] as const // the box of an empty mask

/** The two lines at the edges of a picture; nothing if there are not both. */
function outer(lines: readonly Line[], height: number): Line[] {
  lines = lines.filter(reaches)
  if (!lines.length) return []
  const [first, last] = [lines[0], lines[lines.length - 1]]
  return middleOf(first) > EDGE * height || middleOf(last) < (1 - EDGE) * height ? [] : [first, last]
}

/** Let level lines end at an upright one near the border as at the border itself. */
function framed(lines: readonly Line[], others: readonly Line[], mask: Mask): Line[] {
  const near = tightOf(mask) + thickest(others)
  const sides = others.map(middleOf).filter((middle) => !isInside(middle / mask.width))
  const isSide = (column: number) => sides.some((side) => Math.abs(side - column) <= near)
  return lines.map((line) => ({
    ...line,
    begins: line.begins || isSide(line.first),
    ends: line.ends || isSide(line.last),
  }))
}

/** True if a share of the picture's width is too far from its border for a frame. */
function isInside(share: number): boolean {
  return FRAME < share && share < 1 - FRAME
}

/** Choose the level lines that are no strokes. `tight`: the picture is cut close to its ink. */
function ruled(lines: Line[], writing: Mask, tight: boolean): Line[] {
  const box = boxOf(writing)
  if (!box) return lines
  const beyond = lines.filter((line) => line.first < box[0] && line.last >= box[2])
  if (areEven(beyond)) return beyond
  // In the picture of a number, no stroke is so long.
  if (isWide(writing)) return lines.filter((line) => reaches(line) || line.gap <= GAP * writing.width)
  const reaching = lines.filter(reaches)
  const { left, right } = touches(writing, tightOf(writing) + thickest(reaching))
  return tight && (left || right) ? thin(reaching, writing) : reaching
}

/**
 * Choose the upright lines that are no strokes; all is transposed. Ones are as high as their number.
 * `others`: there are level lines too.
 */
function ruledUpright(lines: readonly Line[], writing: Mask, mask: Mask, tight: boolean, others: boolean): Line[] {
  const reaching = lines.filter(reaches)
  const { width: height, height: width } = writing // the picture's
  if (!boxOf(writing)) {
    const one = reaching.length === 1 && isInside(middleOf(reaching[0]) / width)
    const several = reaching.length > 1 && width <= height
    return (one || several || tight) && !others ? [] : reaching
  }
  const alone = apart(lines, writing, mask).filter((line) => !reaches(line))
  const { left, right } = touches(writing, tightOf(writing) + thickest(reaching))
  const mayBeOnes = (left && right) || (tight && (left || right))
  return [...(mayBeOnes ? thin(reaching, writing) : reaching), ...alone]
}

/** Choose lines that touch no writing and are longer than it is high; all is transposed. */
function apart(lines: readonly Line[], writing: Mask, mask: Mask): Line[] {
  const { width } = writing
  const high = components(writing).filter(({ left, right }) => right - left >= WITHIN * width)
  if (!high.length) return []
  const stems = lines.filter((line) => isTouched(line, writing, mask))
  const first = Math.min(...high.map(({ left }) => left), ...stems.map((stem) => stem.first))
  const end = Math.max(...high.map(({ right }) => right), ...stems.map((stem) => stem.last + 1))
  const margin = BEYOND * width
  return lines.filter((line) => {
    const beyond = line.first < first - margin && line.last >= end + margin
    const tall = line.last + 1 - line.first >= TALL * (end - first)
    return !stems.includes(line) && (beyond || tall)
  })
}

/** True if writing touches a line, or other lines do between its ends: a stem. */
function isTouched(line: Line, writing: Mask, mask: Mask): boolean {
  const end = Math.floor((line.last - line.first) / ENDS)
  const between = crossings(mask, line, line.first + end, line.last + 1 - end)
  return Math.max(crossings(writing, line), between) > TOUCHED * mask.width
}

/** True if there are at least three lines, evenly spaced or with gaps of some spaces. */
function areEven(lines: readonly Line[]): boolean {
  if (lines.length < 3) return false
  const middles = lines.map(middleOf)
  const gaps = middles.slice(1).map((after, index) => after - middles[index])
  const least = Math.min(...gaps)
  return gaps.every((gap) => Math.abs(gap / least - round(gap / least)) < EVEN)
}

/** Choose the lines that are much thinner than the strokes. */
function thin(lines: readonly Line[], writing: Mask): Line[] {
  const stroke = strokeWidth(writing)
  return lines.filter((line) => line.thickness < THIN * stroke)
}

function thickest(lines: readonly Line[]): number {
  return Math.max(0, ...lines.map((line) => line.thickness))
}

function tightOf({ width, height }: Mask): number {
  return Math.max(1, round(TIGHT * Math.max(width, height)))
}

function isWide({ width, height }: Mask): boolean {
  return width > WIDE * height
}

/** Whether ink comes near each border. */
function touches(mask: Mask, near: number) {
  const [left, top, right, bottom] = boxOf(mask) ?? EMPTY
  return { left: left <= near, top: top <= near, right: right >= mask.width - near, bottom: bottom >= mask.height - near }
}

function withoutSpecks(mask: Mask): Mask {
  const { width, height } = mask
  const least = SPECK * Math.max(width, height)
  const parts = components(mask).filter((one) => Math.max(one.bottom - one.top, one.right - one.left) >= least)
  return maskOf(parts, width, height)
}
