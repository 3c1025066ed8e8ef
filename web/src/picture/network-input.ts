// Preprocessing of any picture into the input of a network, like the images that it was trained on.

import type { NetworkInput } from '../network/answer.ts'
import type { Artifact } from '../network/artifact.ts'
import { article } from './clothing.ts'
import { SIDE, digit } from './digit.ts'
import type { Digit } from './digit.ts'
import { inverted } from './filters.ts'
import { boxOf, cut, grey } from './grid.ts'
import type { Grey } from './grid.ts'
import { border, fitted, fittedGrey, merged, place, toColour, toGrey } from './picture.ts'
import type { Picture } from './picture.ts'

const CLEAN = 16 // the border of an image of MNIST is at most this far from black
const LONGEST = [18, 21] as const // pixels: bounds for the longest side of the ink in an image of MNIST
const OFF = 0.75 // pixels: its centre of mass is at most this far from the middle

/**
 * Turn a picture into a network's input.
 *
 * @throws Error of one sentence: the network reads numbers, or pictures of neither 1 nor 3 channels.
 */
export function networkInput(picture: Picture, artifact: Pick<Artifact, 'pictures' | 'inputShape'>): NetworkInput {
  const [channels, height, width] = artifact.inputShape
  if (artifact.pictures === 'numbers') throw new Error('this network reads numbers, which needs more than one input per picture')
  if (channels !== 1 && channels !== 3) {
    throw new Error(`a picture has 1 or 3 channels, the network reads ${channels}`)
  }
  if (artifact.pictures === 'plain') {
    const small = fitted(picture, width, height)
    return { image: channels === 1 ? toGrey(small).data : toColour(small).data, several: false }
  }
  const levels = toGrey(picture)
  const { small, several } =
    artifact.pictures === 'digits'
      ? digitWithin(levels, width, height)
      : { small: framed(likeFashion(levels, picture), width, height), several: false }
  return { image: channels === 1 ? small.data : toColour(merged([small])).data, several }
}

function digitWithin(levels: Grey, width: number, height: number): Digit {
  const own = levels.width === width && levels.height === height
  if (own && (width !== SIDE || height !== SIDE)) return { small: levels, several: false }
  const { small, several } = likeMnist(levels)
  return { small: (Math.min(width, height) < SIDE ? filling : framed)(small, width, height), several }
}

function isSmall({ width, height }: Grey): boolean {
  return width === SIDE && height === SIDE
}

function likeMnist(levels: Grey): Digit {
  const small = isSmall(levels) && [levels, inverted(levels)].find(isMnists)
  return small ? { small, several: false } : digit(levels)
}

/** True if a 28 × 28 image is framed like those of MNIST; all 70,000 of them are. */
function isMnists(image: Grey): boolean {
  const ring = border(image)
  // 90% of the border is enough, because a stroke may touch it.
  if (ring.filter((level) => level <= CLEAN).length < 0.9 * ring.length) return false
  const box = boxOf({ ...image, data: image.data.map((level) => Number(level > CLEAN)) })
  const longest = box ? Math.max(box[2] - box[0], box[3] - box[1]) : 0
  if (longest < LONGEST[0] || longest > LONGEST[1]) return false
  let total = 0, across = 0, down = 0
  image.data.forEach((level, i) => {
    total += level
    across += level * (i % SIDE)
    down += level * Math.floor(i / SIDE)
  })
  return [across, down].every((sum) => Math.abs(sum / total - SIDE / 2) <= OFF)
}

function likeFashion(levels: Grey, picture: Picture): Grey {
  if (!isSmall(levels)) return article(picture)
  const corners = [0, SIDE - 1, SIDE * (SIDE - 1), SIDE * SIDE - 1].map((i) => levels.data[i])
  return Math.min(...corners) >= 255 - CLEAN ? inverted(levels) : levels
}

/** Place a 28 × 28 image in the middle of a black frame; scale it down if the frame is smaller. */
function framed(image: Grey, width: number, height: number): Grey {
  if (Math.min(width, height) < SIDE) return fittedGrey(image, width, height)
  const frame = grey(width, height)
  place(image, frame, Math.floor((width - SIDE) / 2), Math.floor((height - SIDE) / 2))
  return frame
}

/** Scale a digit to fill its frame, as in USPS. */
function filling(image: Grey, width: number, height: number): Grey {
  const box = boxOf(image)
  // The border of zeros makes `fittedGrey` fill the free space with zeros.
  return box ? fittedGrey(cut(image, box, 1), width, height) : grey(width, height)
}
