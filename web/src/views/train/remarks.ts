// What is to be seen in the curves, in a sentence.

import type { TrainingSettings } from '../../api.ts'
import { percent } from '../../parts/dom.ts'
import type { Watched } from './runs.ts'
import { smooth } from './runs.ts'

const KINDS: Readonly<Record<TrainingSettings['activation'], string>> = { sigmoid: 'sigmoid', relu: 'ReLU', tanh: 'tanh' }

/** A training's settings in a line. */
export function settingsWords({ data, activation, pooling, learning_rate, epochs, seed }: TrainingSettings): string {
  return `${data}, ${KINDS[activation]}, ${pooling}, rate ${learning_rate}, ${epochs} epoch${epochs > 1 ? 's' : ''}, seed ${seed}`
}

/** After how many epochs it first was right about more than this share, smoothed; null: never. */
export function reached({ steps }: Watched, share: number): number | null {
  const accuracy = smooth(steps.map((step) => step.accuracy), 4)
  const at = accuracy.findIndex((value) => value > share)
  return at < 0 ? null : steps[at]!.epoch
}

/** What a training shows now. */
export function remark(run: Watched): string {
  const { settings, state, steps, epochs, classes } = run
  if (state === 'failed') return `It failed: ${run.note}.`.replace(/\.\.$/, '.')
  if (state === 'loading') return run.note || 'The engine starts: PyTorch takes a second or two to load.'
  const chance = 1 / classes
  const left = reached(run, 2 * chance)
  const last = epochs.at(-1)
  const ended = state === 'done' || state === 'stopped'
  if (left === null) {
    if (!steps.length && !ended) return 'The first steps: the weights are random, and so are the answers.'
    const guessing = `It is right about ${percent(chance, 0)}, as guessing would be.`
    if (settings.activation === 'sigmoid') {
      const why = 'Sigmoids pass little of the gradient on to the layers below'
      return ended
        ? `${guessing} ${why}: it needs more epochs, or another seed.`
        : `${guessing} ${why}; an epoch or so may pass like this before it learns.`
    }
    return `${guessing} So large a rate may have put all units out of work: try ${settings.learning_rate / 10}.`
  }
  const waited =
    left > 0.5
      ? `It stayed at chance for ${left.toFixed(1)} epochs, then it learnt.`
      : `It left chance within ${left < 0.1 ? 'a tenth of an epoch' : `${left.toFixed(1)} epochs`}.`
  if (!last || last.test_accuracy === null) return waited
  // Test accuracy goes up and down: only what lasts three epochs means something.
  const gaps = epochs.slice(-3).map((row) => row.train_accuracy - (row.test_accuracy ?? 1))
  const byHeart = gaps.length === 3 && Math.min(...gaps) > 0.02
  const fit = byHeart ? ` It is right about ${percent(gaps[2]!)} more of the training images: it begins to learn them by heart.` : ''
  return `${waited} ${percent(last.test_accuracy)} of the test images are right after ${last.epoch} epoch${last.epoch > 1 ? 's' : ''}.${fit}`
}

const NAMES: Readonly<Record<string, string>> = {
  data: 'data', activation: 'activation', pooling: 'pooling', learning_rate: 'rate', seed: 'seed', batch_size: 'batch size',
}

/** Two trainings on the same data, compared; null where nothing can be said. `names` are theirs. */
export function comparison(now: Watched, before: Watched, names: readonly [string, string]): string | null {
  const changed = (Object.keys(NAMES) as (keyof TrainingSettings)[]).filter((key) => now.settings[key] !== before.settings[key])
  const [key] = changed
  if (key === undefined || changed.includes('data')) return null
  // Where one setting differs it is what is compared; else it is the whole.
  const of = (run: Watched) =>
    changed.length > 1
      ? names[run === now ? 0 : 1]
      : key === 'activation'
        ? KINDS[run.settings.activation]
        : `${NAMES[key]} ${run.settings[key]}`
  const level = 0.7
  const [a, b] = [reached(now, level), reached(before, level)]
  if (a === null) return null
  const first = `With ${of(now)} it was right about ${percent(level, 0)} after ${a.toFixed(1)} epochs`
  return b === null ? `${first}; with ${of(before)} it never was.` : `${first}, with ${of(before)} after ${b.toFixed(1)}.`
}
