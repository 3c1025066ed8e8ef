// From the scores of a network to an answer: a class, its probability, and whether it is rejected.

import type { Artifact } from './artifact.ts'

/** The default error rate among the accepted answers. */
export const ACCEPTED_ERROR = 0.01

/** A picture that was converted to a network's input. */
export interface NetworkInput {
  /** Height × width, or height × width × channels. */
  readonly image: Uint8Array
  /** True if the picture shows several digits; the image may hold only one of them. */
  readonly several: boolean
}

export interface Answer {
  /** The class with the highest score, whether rejected or not. */
  readonly label: string
  readonly probability: number
  /**
   * True if the probability is too low, if "none" is too probable, if the image has one shade, or if the picture
   * shows several digits.
   */
  readonly rejected: boolean
  /** All classes, the most probable first. */
  readonly top: readonly { readonly label: string; readonly probability: number }[]
  /** The probability that the image is none of the classes; null if the network has no class "none". */
  readonly none: number | null
  /** True if the picture shows several digits; the label is that of one. */
  readonly several: boolean
}

/**
 * Turn scores into an answer.
 *
 * @param scores The output of the network's last layer.
 * @param input The network's input. An image of one shade, or one of several digits, is rejected.
 * @param error The error rate to aim for among the accepted answers. The default is 1%, or the lowest
 *   error rate for which the network has a threshold. A network without thresholds accepts any probability.
 * @throws Error of one sentence: the network has no threshold for `error`.
 */
export function answer(artifact: Artifact, scores: Float32Array, input: NetworkInput, error?: number): Answer {
  const { image, several } = input
  const posteriors = probabilities(artifact, scores)
  const least = threshold(artifact, error)
  const sum = posteriors.reduce((all, one) => all + one, 0)
  const none = Math.min(Math.max(1 - sum, 0), 1)
  const most = artifact.calibration.most_none
  const unsure =
    Number.isNaN(sum) ||
    (most !== null && none > Math.fround(most)) ||
    (least !== null && Math.max(...posteriors) < Math.fround(least))
  // Classes are ranked by score: probabilities of a network trained by squared error are clipped and may tie.
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b)
  const top = order.map((k) => ({ label: artifact.classes[k], probability: posteriors[k] }))
  return {
    ...top[0],
    rejected: unsure || several || hasOneShade(image, artifact.inputShape[0]),
    top,
    none: rubbishOf(artifact) === null ? null : none,
    several,
  }
}

/**
 * Turn scores into probabilities. Outputs of an activation layer were trained by squared error to ±1 and
 * estimate the mean of that target. All other scores go through a softmax, which includes the class "none"
 * if the network has one.
 */
export function probabilities(artifact: Artifact, scores: Float32Array): Float32Array {
  const { calibration, layers } = artifact
  if (calibration.temperature === null && layers.at(-1)!.layer === 'activation') {
    return scores.map((score) => Math.min(Math.max((1 + score) / 2, 0), 1))
  }
  const temperature = calibration.temperature ?? 1
  const rubbish = rubbishOf(artifact)
  const scaled = scores.map((score) => score / temperature)
  const none = rubbish === null ? -Infinity : -rubbish / temperature
  const greatest = Math.max(...scaled, none)
  const powers = Float64Array.from(scaled, (score) => Math.exp(score - greatest))
  const sum = powers.reduce((all, power) => all + power, Math.exp(none - greatest))
  return Float32Array.from(powers, (power) => power / sum)
}

/** The constant j of the loss of 1998: the class "none" has the score -j. Null if there is no such class. */
export function rubbishOf(artifact: Artifact): number | null {
  const last = artifact.layers.at(-1)!
  return last.layer === 'linear' || last.layer === 'radial basis' ? last.rubbish : null
}

/** The lowest probability to accept. Between two fitted error rates the stricter threshold is used. */
function threshold(artifact: Artifact, asked: number | undefined): number | null {
  const { thresholds } = artifact.calibration
  if (asked === undefined) {
    if (thresholds.length === 0) return null
    asked = Math.max(ACCEPTED_ERROR, thresholds[0][0])
  }
  if (!(asked > 0 && asked < 1)) {
    throw new Error(`an error rate lies between 0 and 1, ${asked} does not`)
  }
  if (thresholds.length === 0) {
    throw new Error(`${artifact.name} has no thresholds: no validation images were held out in its training`)
  }
  const fitted = thresholds.filter(([error]) => error <= asked)
  if (fitted.length === 0) {
    throw new Error(
      `${artifact.name} has no threshold for an error rate of ${100 * asked}%; ` +
        `its lowest error rate is ${100 * thresholds[0][0]}%`,
    )
  }
  return fitted.at(-1)![1]
}

function hasOneShade(image: Uint8Array, channels: number): boolean {
  return image.every((pixel, i) => pixel === image[i % channels])
}
