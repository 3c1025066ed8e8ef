// Paper around a picture that was cut out so close that its ink reaches the border. What tells ink
// from paper, and a digit from what is beside it, looks at what lies around: beyond a border that
// ink reaches, there is nothing to see.

import { grey } from './grid.ts'
import type { Grey } from './grid.ts'
import { clamp, round } from './numbers.ts'

const WIDTH = 0.5 // of the picture's longest side
const INK = 0.3 // of the picture's contrast: a pixel that differs by more from paper
const LEAST = 12 // grey levels, which grain has not
const MOST = 0.6 // of the border that ink covers; else what is there may as well be the paper
const ROUNDS = 20

/** A level in the middle, and how much it rises from top to bottom and from left to right. */
type Level = readonly [middle: number, down: number, across: number]

/**
 * Lay a picture on more of its paper; null where no ink reaches its border, or most of it is. The
 * light on the paper is taken for a plane, and that is fitted to the border's pixels.
 */
export function withMargin(picture: Grey): Grey | null {
  const { width, height, data } = picture
  const places = borderOf(width, height)
  const [middle, down, across] = fitted(picture, places)
  const paper = (x: number, y: number) => middle + down * place(y, height) + across * place(x, width)
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

/** From -0.5 to 0.5. */
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

/** The plane with the smallest sum of differences: by least squares, weighted anew in each round. */
function fitted({ width, height, data }: Grey, places: readonly number[]): Level {
  const ordered = places.map((i) => data[i]).sort((a, b) => a - b)
  const half = ordered.length >> 1
  let level: Level = [ordered.length % 2 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2, 0, 0]
  for (let turn = 0; turn < ROUNDS; turn++) {
    // A narrow picture says little of its slopes: they are kept small.
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

/** Solve three linear equations, whose matrix is positive definite; the fourth column is their right side. */
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
