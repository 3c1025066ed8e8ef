// Resizing, exactly as in Pillow: each pixel is a weighted sum of the pixels within the support of a filter,
// along rows and then along columns. Grey levels are computed in fixed point with 22 fractional bits and
// rounded to 8 bits between the two passes; planes are rounded to float32.

import { grey, plane } from './grid.ts'
import { round } from './numbers.ts'
import type { Box, Grey, Grid, Plane } from './grid.ts'

export interface Filter {
  /** The radius of the filter at a scale of 1. */
  readonly support: number
  readonly weight: (x: number) => number
}

export const BOX: Filter = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) }

export const BILINEAR: Filter = { support: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) }

export const BICUBIC: Filter = {
  support: 2,
  weight: (x) => {
    const a = -0.5
    x = Math.abs(x)
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  },
}

const BITS = 22

/** For each output place along a side: the first input cell, the number of cells, and their weights. */
interface Weights {
  readonly first: Int32Array
  readonly count: Int32Array
  /** `size` weights for each place. */
  readonly weights: Float64Array
  readonly size: number
}

function weightsOf(side: number, from: number, to: number, wanted: number, filter: Filter): Weights {
  // Pillow stores the box in single precision.
  from = Math.fround(from)
  to = Math.fround(to)
  const scale = Math.fround(to - from) / wanted
  const stretch = Math.max(scale, 1)
  const support = filter.support * stretch
  const size = Math.ceil(support) * 2 + 1
  const first = new Int32Array(wanted)
  const count = new Int32Array(wanted)
  const weights = new Float64Array(wanted * size)
  for (let place = 0; place < wanted; place++) {
    const center = from + (place + 0.5) * scale
    const low = Math.max(Math.trunc(center - support + 0.5), 0)
    const high = Math.min(Math.trunc(center + support + 0.5), side)
    const at = place * size
    let total = 0
    for (let i = low; i < high; i++) {
      total += weights[at + i - low] = filter.weight((i - center + 0.5) * (1 / stretch))
    }
    if (total !== 0) for (let i = 0; i < high - low; i++) weights[at + i] /= total
    first[place] = low
    count[place] = Math.max(high - low, 0)
  }
  return { first, count, weights, size }
}

/** The arithmetic of grey levels or planes: how weights are rounded, and how sums are stored. */
interface Kind<Data extends Uint8Array | Float32Array> {
  readonly make: (width: number, height: number) => Grid<Data>
  readonly rounded: (weights: Float64Array) => Float64Array
  readonly start: number
  readonly keep: (sums: Float64Array, target: Data, at: number) => void
}

const GREY: Kind<Uint8Array> = {
  make: grey,
  rounded: (weights) => weights.map((w) => Math.trunc(w * (1 << BITS) + (w < 0 ? -0.5 : 0.5))),
  start: 1 << (BITS - 1), // a half, for rounding
  keep: (sums, target, at) => {
    for (let i = 0; i < sums.length; i++) {
      const level = sums[i] >> BITS
      target[at + i] = level < 0 ? 0 : level > 255 ? 255 : level
    }
  },
}

const PLANE: Kind<Float32Array> = {
  make: plane,
  rounded: (weights) => weights,
  start: 0,
  keep: (sums, target, at) => target.set(sums, at),
}

/** The size of a picture that is scaled until its longer side is `side`. */
export function sizeWithin(side: number, width: number, height: number): [width: number, height: number] {
  const scale = side / Math.max(width, height)
  return [Math.max(round(width * scale), 1), Math.max(round(height * scale), 1)]
}

/** Resize grey levels; `box` is the part to resize, by default all. */
export function resizedGrey(from: Grey, width: number, height: number, filter: Filter, box?: Box): Grey {
  return resized(from, width, height, filter, GREY, box)
}

/** Resize a plane; `box` is the part to resize, by default all. */
export function resizedPlane(from: Plane, width: number, height: number, filter: Filter, box?: Box): Plane {
  return resized(from, width, height, filter, PLANE, box)
}

function resized<Data extends Uint8Array | Float32Array>(
  from: Grid<Data>, width: number, height: number, filter: Filter, kind: Kind<Data>, box?: Box,
): Grid<Data> {
  const [left, top, right, bottom] = box ?? [0, 0, from.width, from.height]
  const { width: wide, height: high } = from
  const across = width !== wide || left !== 0 || right !== width
  const down = height !== high || top !== 0 || bottom !== height
  const columns = weightsOf(wide, left, right, width, filter)
  if (!down) return across ? alongRows(from, columns, kind) : from
  const rows = weightsOf(high, top, bottom, height, filter)
  if (!across) return alongColumns(from, rows, kind)
  // Pillow 13 starts with the columns if that makes the picture smaller by more (found by experiment).
  if (height < high && high - height > 2 * (wide - width)) {
    return alongRows(alongColumns(from, rows, kind), columns, kind)
  }
  // Rows without a weight are left out.
  const start = rows.first[0]
  const stop = rows.first[height - 1] + rows.count[height - 1]
  const needed = { width: wide, height: stop - start, data: from.data.subarray(start * wide, stop * wide) as Data }
  const shifted = { ...rows, first: rows.first.map((row) => row - start) }
  return alongColumns(alongRows(needed, columns, kind), shifted, kind)
}

function alongRows<Data extends Uint8Array | Float32Array>(from: Grid<Data>, by: Weights, kind: Kind<Data>): Grid<Data> {
  const { first, count, size } = by
  const weights = kind.rounded(by.weights)
  const result = kind.make(first.length, from.height)
  const sums = new Float64Array(first.length)
  const { data } = from
  for (let y = 0; y < from.height; y++) {
    for (let place = 0; place < sums.length; place++) {
      const i = y * from.width + first[place]
      const k = place * size
      let total = kind.start
      for (let j = 0; j < count[place]; j++) total += data[i + j] * weights[k + j]
      sums[place] = total
    }
    kind.keep(sums, result.data, y * sums.length)
  }
  return result
}

function alongColumns<Data extends Uint8Array | Float32Array>(from: Grid<Data>, by: Weights, kind: Kind<Data>): Grid<Data> {
  const { first, count, size } = by
  const weights = kind.rounded(by.weights)
  const result = kind.make(from.width, first.length)
  const sums = new Float64Array(from.width)
  const { data } = from
  for (let place = 0; place < first.length; place++) {
    sums.fill(kind.start)
    for (let j = 0; j < count[place]; j++) {
      const weight = weights[place * size + j]
      const i = (first[place] + j) * from.width
      for (let x = 0; x < sums.length; x++) sums[x] += data[i + x] * weight
    }
    kind.keep(sums, result.data, place * sums.length)
  }
  return result
}

/**
 * Resize grey levels, as Pillow does with `reducing_gap`: a much larger picture is first reduced to averages
 * of cells, until it is at most `gap` times too large.
 */
export function resizedFar(from: Grey, width: number, height: number, filter: Filter, box: Box, gap = 2): Grey {
  const [left, top, right, bottom] = box
  const scaleX = (right - left) / width
  const scaleY = (bottom - top) / height
  const cellX = Math.trunc(scaleX / gap) || 1
  const cellY = Math.trunc(scaleY / gap) || 1
  if (cellX === 1 && cellY === 1) return resizedGrey(from, width, height, filter, box)
  const reachX = (filter.support - 0.5) * scaleX
  const reachY = (filter.support - 0.5) * scaleY
  const safe: Box = [
    Math.max(0, Math.trunc(left - reachX)),
    Math.max(0, Math.trunc(top - reachY)),
    Math.min(from.width, Math.ceil(right + reachX)),
    Math.min(from.height, Math.ceil(bottom + reachY)),
  ]
  const within: Box = [
    (left - safe[0]) / cellX, (top - safe[1]) / cellY, (right - safe[0]) / cellX, (bottom - safe[1]) / cellY,
  ]
  return resizedGrey(averaged(from, cellX, cellY, safe), width, height, filter, within)
}

/** The rounded average of each cell of a box; cells at the right and the bottom may be smaller. */
function averaged(from: Grey, cellX: number, cellY: number, box: Box): Grey {
  const [left, top, right, bottom] = box
  const result = grey(Math.ceil((right - left) / cellX), Math.ceil((bottom - top) / cellY))
  for (let y = top, at = 0; y < bottom; y += cellY) {
    const low = Math.min(y + cellY, bottom)
    for (let x = left; x < right; x += cellX) {
      const far = Math.min(x + cellX, right)
      const count = (low - y) * (far - x)
      let total = count >> 1
      for (let row = y; row < low; row++) {
        for (let i = row * from.width + x; i < row * from.width + far; i++) total += from.data[i]
      }
      // Pillow multiplies by a reciprocal of 24 bits instead of dividing.
      const reciprocal = Math.trunc(Math.fround(2 ** 32 / (256 * count)))
      result.data[at++] = Math.imul(total, reciprocal) >>> 24
    }
  }
  return result
}

/** Resize a mask by nearest neighbours, as Pillow does. */
export function resizedMask(from: Grey, width: number, height: number): Grey {
  const columns = nearest(from.width, width)
  const rows = nearest(from.height, height)
  const result = grey(width, height)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) result.data[at++] = from.data[rows[y] * from.width + columns[x]]
  }
  return result
}

function nearest(side: number, wanted: number): Int32Array {
  const step = side / wanted
  let place = step * 0.5
  return Int32Array.from({ length: wanted }, () => {
    const found = Math.min(Math.trunc(place), side - 1)
    place += step
    return found
  })
}
