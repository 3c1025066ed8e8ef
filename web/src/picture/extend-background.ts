// Extends the background of a tightly cropped picture. Thresholding needs background around the ink, so a
// picture whose ink touches the border is padded with an estimate of its paper.

import { grey } from './grid.ts'
import type { Grey } from './grid.ts'
import { clamp, round } from './numbers.ts'

const WIDTH = 0.5 // of the new border, relative to the picture's longest side
const INK = 0.3 // a pixel is ink if it differs from the paper by more than this share of the contrast
const LEAST = 12 // and by more than this many grey levels, which is more than grain
const MOST = 0.6 // if ink covers a larger share of the border, it may be the paper
const ROUNDS = 20

/** A plane of grey levels: its level in the middle, its rise from top to bottom and from left to right. */
type Level = readonly [middle: number, down: number, across: number]

/** Extend the background of a picture; null if no ink touches its border, or if ink covers most of it. */
export function withMargin(picture: Grey): Grey | null {
  const { width, height, data } = picture
  const places = borderOf(width, height)
  const paper = paperOf(picture)
  const difference = (i: number) => Math.abs(data[i] - paper(i % width, Math.floor(i / width)))
  let most = 0
  for (let i = 0; i < data.length; i++) most = Math.max(most, difference(i))
  const least = Math.max(INK * most, LEAST)
  const share = places.filter((i) => difference(i) > least).length / places.length
  if (share === 0 || share >= MOST) return null
  const margin = Math.max(2, round(WIDTH * Math.max(width, height)))
  const wide = grey(width + 2 * margin, height + 2 * margin)
  for (let y = 0, at = 0; y < wide.height; y++) {
    for (let x = 0; x < wide.width; x++, at++) {
      const level = paper(clamp(x - margin, 0, width - 1), clamp(y - margin, 0, height - 1))
      wide.data[at] = clamp(round(level), 0, 255)
    }
  }
  for (let y = 0; y < height; y++) {
    wide.data.set(data.subarray(y * width, (y + 1) * width), (y + margin) * wide.width + margin)
  }
  return wide
}

/**
 * The grey level of the paper at each place: a plane of grey levels, which is fitted to the pixels of the
 * border. The fit has the smallest sum of absolute differences, so that ink at the border has little influence.
 */
export function paperOf(picture: Grey): (x: number, y: number) => number {
  const { width, height } = picture
  const [middle, down, across] = fitted(picture, borderOf(width, height))
  return (x, y) => middle + down * place(y, height) + across * place(x, width)
}

/** The coordinate of a row or a column, from -0.5 to 0.5. */
function place(at: number, count: number): number {
  return count > 1 ? at / (count - 1) - 0.5 : -0.5
}

function borderOf(width: number, height: number): number[] {
  const places: number[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y === 0 || y === height - 1 || x === 0 || x === width - 1) places.push(y * width + x)
    }
  }
  return places
}

/** The plane with the smallest sum of absolute differences, by iteratively reweighted least squares. */
function fitted({ width, height, data }: Grey, places: readonly number[]): Level {
  const ordered = places.map((i) => data[i]).sort((a, b) => a - b)
  const half = ordered.length >> 1
  let level: Level = [ordered.length % 2 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2, 0, 0]
  for (let turn = 0; turn < ROUNDS; turn++) {
    // A narrow picture hardly determines the slopes, so regularization keeps them small.
    const rows = [[0, 0, 0, 0], [0, 0.1, 0, 0], [0, 0, 0.1, 0]]
    for (const i of places) {
      const terms = [1, place(Math.floor(i / width), height), place(i % width, width)]
      const off = data[i] - (level[0] + level[1] * terms[1] + level[2] * terms[2])
      const weight = 1 / Math.max(Math.abs(off), 2)
      for (let row = 0; row < 3; row++) {
        for (let column = 0; column < 3; column++) rows[row][column] += weight * terms[row] * terms[column]
        rows[row][3] += weight * terms[row] * data[i]
      }
    }
    level = solved(rows)
  }
  return level
}

/** Solve three linear equations with a positive definite matrix; the fourth column is the right-hand side. */
function solved(rows: number[][]): Level {
  for (let pivot = 0; pivot < 3; pivot++) {
    for (let row = pivot + 1; row < 3; row++) {
      const factor = rows[row][pivot] / rows[pivot][pivot]
      for (let column = pivot; column < 4; column++) rows[row][column] -= factor * rows[pivot][column]
    }
  }
  const across = rows[2][3] / rows[2][2]
  const down = (rows[1][3] - rows[1][2] * across) / rows[1][1]
  return [(rows[0][3] - rows[0][1] * down - rows[0][2] * across) / rows[0][0], down, across]
}
