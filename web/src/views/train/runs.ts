// The trainings that the page has watched: their settings and their results.

import type { Epoch, TrainingSettings } from '../../api.ts'

/** A `step` event. Loss and accuracy are means over the images since the last event. */
export interface Step {
  readonly step: number
  /** The number of epochs so far, with a fraction. */
  readonly epoch: number
  readonly loss: number
  readonly accuracy: number
  /** Seconds of training, without tests. */
  readonly seconds: number
}

export type State = 'loading' | 'running' | 'done' | 'stopped' | 'failed'

/** One training. */
export interface Watched {
  readonly id: number
  readonly settings: TrainingSettings
  readonly colour: number
  state: State
  /** A message while the training is loading, the reason of its failure, or advice if it learned nothing. */
  note: string
  classes: number
  /** The number of training images. */
  images: number
  steps: Step[]
  epochs: Epoch[]
}

const KEPT = 'lenet.trainings'
/** The number of colours in the style sheet. A chart has no room for more lines. */
const MOST = 6
/** The number of steps per training that are stored. */
const POINTS = 200

/** The trainings of this visit, including those before a reload of the page. */
export const watched: Watched[] = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as Watched[]

/** Store the trainings for a reload of the page. */
export function store(): void {
  sessionStorage.setItem(KEPT, JSON.stringify(watched.map((run) => ({ ...run, steps: thinned(run.steps, POINTS) }))))
}

/** Return the training with this id. A new one is added, and replaces the oldest if there is no free colour. */
export function watch(id: number, settings: TrainingSettings): Watched {
  const same = watched.find((run) => run.id === id && JSON.stringify(run.settings) === JSON.stringify(settings))
  const run: Watched = same ?? { id, settings, colour: freeColour(), state: 'loading', note: '', classes: 10, images: 0, steps: [], epochs: [] }
  // The service sends all events again from the beginning.
  Object.assign(run, { state: 'loading', note: '', steps: [], epochs: [] })
  if (!same) watched.push(run)
  return run
}

/** Remove a training from the charts. */
export function remove(run: Watched): void {
  watched.splice(watched.indexOf(run), 1)
  store()
}

function freeColour(): number {
  while (watched.length >= MOST) watched.shift()
  const used = new Set(watched.map((run) => run.colour))
  return [...Array(MOST).keys()].find((colour) => !used.has(colour))!
}

/** Apply an event of the service to a training; return true if the training is over. */
export function applyEvent(run: Watched, name: string, data: unknown): boolean {
  switch (name) {
    case 'loading':
      run.note = (data as { text: string }).text
      return false
    case 'started': {
      const { images, classes } = data as { images: number; classes: string[] }
      Object.assign(run, { state: 'running', note: '', images, classes: classes.length })
      return false
    }
    case 'step':
      run.steps.push(data as Step)
      return false
    case 'epoch':
      run.epochs.push(data as Epoch)
      return false
    case 'failed':
      run.state = 'failed'
      run.note = (data as { error: string }).error
      return true
    case 'done':
    case 'stopped':
      run.state = name
      run.note = (data as { hint?: string }).hint ?? ''
      return true
    default:
      return false
  }
}

/** At most `most` of the points, evenly spaced, and always the last one. */
export function thinned<Point>(points: readonly Point[], most: number): Point[] {
  const stride = Math.ceil(points.length / most)
  return points.filter((_, k) => (points.length - 1 - k) % Math.max(stride, 1) === 0)
}

/** Smooth the noise of the batches with an exponential mean over about `span` points. */
export function smooth(values: readonly number[], span: number): number[] {
  const decay = 1 - 1 / span
  let [sum, weight] = [0, 0]
  return values.map((value) => {
    sum = sum * decay + value
    weight = weight * decay + 1
    return sum / weight
  })
}

/** Images and steps per second, over about the last second. */
export function speed({ steps, images }: Watched): { images: number; steps: number } | null {
  const last = steps.at(-1)
  const before = steps.filter((step) => last!.seconds - step.seconds >= 1).at(-1) ?? steps[0]
  if (!last || !before || last.seconds <= before.seconds) return null
  const seconds = last.seconds - before.seconds
  return { images: ((last.epoch - before.epoch) * images) / seconds, steps: (last.step - before.step) / seconds }
}
