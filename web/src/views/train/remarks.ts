// Remarks about the curves of a training, in a sentence or two.

import type { TrainingSettings } from '../../api.ts'
import { percent } from '../../parts/dom.ts'
import type { Watched } from './runs.ts'
import { smooth } from './runs.ts'

const KINDS: Readonly<Record<NonNullable<TrainingSettings['activation']>, string>> = { sigmoid: 'sigmoid', relu: 'ReLU', tanh: 'tanh' }

/** The settings of a training, in a line. */
export function settingsWords({ data, recipe, activation, pooling, learning_rate, epochs, seed }: TrainingSettings): string {
  // A program that starts a training may leave settings to the recipe.
  return [
    data,
    recipe === 'own' && 'recipe own data',
    activation && KINDS[activation],
    pooling,
    learning_rate !== null && `rate ${learning_rate}`,
    epochs !== null && `${epochs} epoch${epochs > 1 ? 's' : ''}`,
    `seed ${seed}`,
  ].filter(Boolean).join(', ')
}

/** The number of epochs until the smoothed accuracy first exceeds `level`; null: never. */
export function reached({ steps }: Watched, level: number): number | null {
  const accuracy = smooth(steps.map((step) => step.accuracy), 4)
  const at = accuracy.findIndex((value) => value > level)
  return at < 0 ? null : steps[at]!.epoch
}

/** A remark about the current state of a training. */
export function remark(run: Watched): string {
  const { settings, state, steps, epochs, classes } = run
  if (state === 'failed') return `The training failed: ${run.note}.`.replace(/\.\.$/, '.')
  if (state === 'loading') return run.note || 'The training is starting. This takes a second or two.'
  const chance = 1 / classes
  const left = reached(run, 2 * chance)
  const last = epochs.at(-1)
  const ended = state === 'done' || state === 'stopped'
  if (state === 'done' && run.note) return `${run.note[0]!.toUpperCase()}${run.note.slice(1)}.`
  if (left === null) {
    if (!steps.length && !ended) return 'The training has just started. The weights are still random, and so are the answers.'
    const guessing = `The accuracy is about ${percent(chance, 0)}, no better than guessing.`
    if (settings.activation === 'sigmoid') {
      const why = 'Sigmoids pass on only a small part of the gradient'
      return ended
        ? `${guessing} ${why}. Try more epochs or another seed.`
        : `${guessing} ${why}, so it may take an epoch or more until the accuracy rises.`
    }
    const smaller = settings.learning_rate === null ? 'a smaller one' : settings.learning_rate / 10
    return `${guessing} The learning rate may be too large, so that all units are inactive. Try ${smaller}.`
  }
  const waited =
    left > 0.5
      ? `For ${left.toFixed(1)} epochs the accuracy was no better than guessing, then it rose.`
      : `The accuracy was better than guessing after ${left < 0.1 ? 'less than 0.1' : left.toFixed(1)} epochs.`
  if (!last || last.test_accuracy === null) return waited
  // Test accuracy fluctuates, so the gap must last for three epochs.
  const gaps = epochs.slice(-3).map((row) => row.train_accuracy - (row.test_accuracy ?? 1))
  const overfits = gaps.length === 3 && Math.min(...gaps) > 0.02
  const fit = overfits ? ` On training images it is ${(100 * gaps[2]!).toFixed(1)} percentage points higher: the network begins to overfit.` : ''
  return `${waited} After ${last.epoch} epoch${last.epoch > 1 ? 's' : ''} the test accuracy is ${percent(last.test_accuracy)}.${fit}`
}

const NAMES: Readonly<Record<string, string>> = {
  data: 'data', recipe: 'recipe', activation: 'activation', pooling: 'pooling', learning_rate: 'learning rate', seed: 'seed', batch_size: 'batch size',
}

/** Compare two trainings on the same data, called `names`; null if there is nothing to compare. */
export function comparison(now: Watched, before: Watched, names: readonly [string, string]): string | null {
  const changed = (Object.keys(NAMES) as (keyof TrainingSettings)[]).filter((key) => now.settings[key] !== before.settings[key])
  const [key] = changed
  if (key === undefined || changed.includes('data')) return null
  // If only one setting differs, the sentence names its values instead of the runs.
  const of = (run: Watched) =>
    changed.length > 1
      ? names[run === now ? 0 : 1]
      : key === 'activation' && run.settings.activation
        ? KINDS[run.settings.activation]
        : `${NAMES[key]} ${run.settings[key]}`
  const level = 0.7
  const [a, b] = [reached(now, level), reached(before, level)]
  if (a === null) return null
  const first = `With ${of(now)} the accuracy exceeded ${percent(level, 0)} after ${a.toFixed(1)} epochs`
  return b === null ? `${first}; with ${of(before)} it never did.` : `${first}, with ${of(before)} after ${b.toFixed(1)}.`
}
