import { answer, type Answer, type NetworkInput } from '../network/answer.ts'
import type { Artifact } from '../network/artifact.ts'
import { forward, type Stage } from '../network/forward.ts'
import type { Picture } from '../picture/picture.ts'

/** The result of a network for one image: the values of all layers, and the answer. */
export interface Look {
  /** The network's input, before normalization. */
  readonly image: Uint8Array
  readonly stages: readonly Stage[]
  readonly answer: Answer
}

/** A shift by whole pixels, to the right and down. */
export interface Shift {
  readonly x: number
  readonly y: number
}

export const NO_SHIFT: Shift = { x: 0, y: 0 }

/** Run the network on its input. */
export function look(artifact: Artifact, input: NetworkInput): Look {
  const { image } = input
  const stages = forward(artifact, image)
  return { image, stages, answer: answer(artifact, stages.at(-1)!.values, input) }
}

/** The input if nothing is drawn. */
export function blankInput(shape: readonly number[]): NetworkInput {
  return { image: new Uint8Array(shape.reduce((a, b) => a * b)), several: false }
}

/** Shift an image. New pixels at the border are black. */
export function shifted(image: Uint8Array, shape: readonly number[], { x, y }: Shift): Uint8Array {
  if (!x && !y) return image
  const [channels, height, width] = shape as [number, number, number]
  const moved = new Uint8Array(image.length)
  for (let row = Math.max(0, y); row < Math.min(height, height + y); row++) {
    for (let column = Math.max(0, x); column < Math.min(width, width + x); column++) {
      const from = ((row - y) * width + column - x) * channels
      const to = (row * width + column) * channels
      for (let c = 0; c < channels; c++) moved[to + c] = image[from + c]
    }
  }
  return moved
}

/** The distance of the ink's centre of mass from the middle of the picture, in pixels of the input. */
export function placeOf(picture: Picture, shape: readonly number[]): Shift {
  const { width, height, channels, data } = picture
  let [mass, x, y] = [0, 0, 0]
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const ink = 255 - data[(row * width + column) * channels]
      mass += ink
      x += ink * (column + 0.5)
      y += ink * (row + 0.5)
    }
  }
  if (!mass) return NO_SHIFT
  const [, inputHeight = 1, inputWidth = 1] = shape
  return {
    x: Math.round((x / mass / width - 0.5) * inputWidth),
    y: Math.round((y / mass / height - 0.5) * inputHeight),
  }
}
