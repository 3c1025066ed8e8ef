// What a network says to an image: a name, how sure it is, and whether that is sure enough.

import type { Artifact } from './artifact.ts'

/** The share of wrong answers that is accepted where nobody says otherwise. */
export const ACCEPTED_ERROR = 0.01

export interface Answer {
  /** The class of the greatest score, whether rejected or not. */
  readonly label: string
  readonly probability: number
  /** Not sure enough for the answer to be used, or there is nothing to see. */
  readonly rejected: boolean
  /** All classes, the most probable first. */
  readonly top: readonly { readonly label: string; readonly probability: number }[]
  /** The probability that the image is none of the classes; null if the network does not ask. */
  readonly none: number | null
}

/**
 * Turn scores into an answer.
 *
 * @param scores Of the network's last layer.
 * @param image The pixels the network read: an image of one shade is rejected.
 * @param error The share of wrong answers to accept among those not rejected. By default 1%, or the
 *   least error that the network has a threshold for; without thresholds none is rejected for it.
 * @throws Error of one sentence: the network has no threshold for `error`.
 */
export function answer(artifact: Artifact, scores: Float32Array, image: Uint8Array, error?: number): Answer {
  const shares = probabilities(artifact, scores)
  const least = threshold(artifact, error)
  const sum = shares.reduce((all, share) => all + share, 0)
  const none = Math.min(Math.max(1 - sum, 0), 1)
  const most = artifact.calibration.most_none
  const unsure =
    Number.isNaN(sum) ||
    (most !== null && none > Math.fround(most)) ||
    (least !== null && Math.max(...shares) < Math.fround(least))
  // By score: probabilities of a network trained by squared error are clipped and may tie.
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b)
  const top = order.map((k) => ({ label: artifact.classes[k], probability: shares[k] }))
  return {
    ...top[0],
    rejected: unsure || isOfOneShade(image, artifact.inputShape[0]),
    top,
    none: rubbish(artifact) === null ? null : none,
  }
}

/**
 * Turn scores into probabilities. Outputs that end in a squashing function were trained by squared
 * error to ±1 and estimate the mean of that target; all others are scores of a softmax, with "none
 * of these" beside the classes where the network has a rubbish class.
 */
export function probabilities(artifact: Artifact, scores: Float32Array): Float32Array {
  const { temperature } = artifact.calibration
  if (temperature === null && artifact.layers.at(-1)!.layer === 'activation') {
    return scores.map((score) => Math.min(Math.max((1 + score) / 2, 0), 1))
  }
  const warmth = temperature ?? 1
  const beside = rubbish(artifact)
  const warm = scores.map((score) => score / warmth)
  const none = beside === null ? -Infinity : -beside / warmth
  const greatest = Math.max(...warm, none)
  const powers = Float64Array.from(warm, (score) => Math.exp(score - greatest))
  const sum = powers.reduce((all, power) => all + power, Math.exp(none - greatest))
  return Float32Array.from(powers, (power) => power / sum)
}

/** The j of a network with "none of these" beside its classes; null if it has no such class. */
export function rubbish(artifact: Artifact): number | null {
  const last = artifact.layers.at(-1)!
  return last.layer === 'linear' || last.layer === 'radial basis' ? last.rubbish : null
}

/** The least probability to accept; between two fitted errors the stricter one counts. */
function threshold(artifact: Artifact, asked: number | undefined): number | null {
  const { thresholds } = artifact.calibration
  if (asked === undefined) {
    if (thresholds.length === 0) return null
    asked = Math.max(ACCEPTED_ERROR, thresholds[0][0])
  }
  if (!(asked > 0 && asked < 1)) {
    throw new Error(`a share of wrong answers lies between 0 and 1, ${asked} does not`)
  }
  if (thresholds.length === 0) {
    throw new Error(`${artifact.name} does not know when to reject an image: no images were held out in its training`)
  }
  const fitted = thresholds.filter(([error]) => error <= asked)
  if (fitted.length === 0) {
    throw new Error(
      `${artifact.name} has no threshold for so small an error as ${100 * asked}%; ` +
        `its smallest is ${100 * thresholds[0][0]}%`,
    )
  }
  return fitted.at(-1)![1]
}

function isOfOneShade(image: Uint8Array, channels: number): boolean {
  return image.every((pixel, i) => pixel === image[i % channels])
}
