// Scores components by how much they look like a digit, and says which make up the digit.

import type { Component } from './components.ts'
import type { Mask, Plane } from './grid.ts'

const LEAST_SIZE = 0.04 // relative to the picture's longest side; a smaller component is a speck
const SHARP = 0.3 // share of its contrast that even a blurred digit has at its edge
const FAT = 0.25 // strokes are rarely wider than this share of a digit's longest side
const LIKE = 0.25 // of the digit's score: that of another digit in the picture
const AS_HIGH = 0.65 // of the digit's height: that of another digit
const AWAY = 0.5 // of the height: the gap to another digit in another row
const ALONGSIDE = 0.7 // of the height: what digits in a row share

/**
 * Score how much each component looks like a digit; specks get 0. A digit is large, has a high contrast
 * and a sharp edge all around (a shadow and the paper between strokes do not), is made of strokes, and
 * is not at the border.
 */
export function scoresOf(parts: readonly Component[], mask: Mask, contrast: Plane, ranges: Plane): number[] {
  const { width, height, data } = mask
  const least = Math.max(LEAST_SIZE * Math.max(width, height), 5)
  return parts.map(({ top, left, bottom, right, area, runs }) => {
    const longest = Math.max(bottom - top, right - left)
    if (longest < least || area < 8) return 0
    let outline = 0
    let edged = 0
    let third = 0
    let fourth = 0
    for (let run = 0; run < runs.length; run += 2) {
      const start = runs[run]
      const stop = runs[run + 1]
      const y = Math.floor(start / width)
      for (let i = start; i < stop; i++) {
        // The outline counts pixel sides at the edge of the mask; it is 4/pi times too long.
        let sides = (i === start ? 1 : 0) + (i === stop - 1 ? 1 : 0)
        if (y === 0 || !data[i - width]) sides++
        if (y === height - 1 || !data[i + width]) sides++
        outline += sides
        edged += sides * ranges.data[i]
        const level = contrast.data[i]
        third += level * level * level
        fourth += level * level * level * level
      }
    }
    const clear = fourth / third // close to the maximum
    const sharp = Math.min(edged / outline / clear, 1)
    if (sharp < SHARP) return 0
    const stroke = (2 * area) / ((outline * Math.PI) / 4)
    const likeStrokes = Math.exp(-((stroke / longest / FAT) ** 2))
    const touching = [top === 0, left === 0, bottom === height, right === width].filter(Boolean).length
    const away = Math.max(
      Math.abs((top + bottom) / 2 / height - 0.5),
      Math.abs((left + right) / 2 / width - 0.5),
    )
    return longest * clear ** 2 * sharp ** 3 * likeStrokes * 0.4 ** touching * (1 - away)
  })
}

/**
 * Choose the components of the digit: the main one, and those near it that are not specks. A component
 * that touches the border belongs to a neighbour or is a line, unless it lies above or below the main one
 * and does not cross the whole picture.
 */
export function digitComponents(parts: readonly Component[], main: number, width: number, height: number): Component[] {
  const digit = parts[main]
  const longestOf = (part: Component) => Math.max(part.bottom - part.top, part.right - part.left)
  const side = longestOf(digit)
  return parts.filter((part, index) => {
    if (index === main) return true
    const tall = part.bottom - part.top
    const wide = part.right - part.left
    const down = Math.min(part.bottom, digit.bottom) - Math.max(part.top, digit.top)
    const across = Math.min(part.right, digit.right) - Math.max(part.left, digit.left)
    const near = down > -0.2 * side && across > -0.2 * side
    const large = longestOf(part) >= 0.2 * side && part.area >= 0.03 * digit.area
    const within = part.top > 0 && part.left > 0 && part.bottom < height && part.right < width
    const over = across > 0.6 * Math.min(wide, digit.right - digit.left)
    const rightAcross = wide > 0.6 * width && tall < 0.15 * wide
    return near && large && (within || (over && !rightAcross))
  })
}

/**
 * True if a component, chosen or not, is another digit. It is nearly as good a candidate as the main one, and
 * nearly as high, and stands in a row with it or away from it; the pieces of a broken digit lie close above
 * each other, or overlap.
 */
export function areSeveral(
  parts: readonly Component[], scores: readonly number[], main: number, chosen: readonly Component[],
): boolean {
  const digit = parts[main]
  const high = digit.bottom - digit.top
  return parts.some((part, index) => {
    const tall = part.bottom - part.top
    if (index === main || scores[index] < LIKE * scores[main] || tall < AS_HIGH * high) return false
    const down = Math.min(part.bottom, digit.bottom) - Math.max(part.top, digit.top)
    const across = Math.min(part.right, digit.right) - Math.max(part.left, digit.left)
    const inRow = across < 0 && down >= ALONGSIDE * Math.max(tall, high)
    const away = Math.min(down, across) < -AWAY * high
    return inRow || (away && !chosen.includes(part))
  })
}
