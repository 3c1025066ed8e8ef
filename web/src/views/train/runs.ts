// The trainings that the page has watched: what each was asked for, and what came of it.

import type { Epoch, TrainingSettings } from '../../api.ts'

/** One `step` event: of the images since the one before. */
export interface Step {
  readonly step: number
  /** Epochs gone through, with a fraction. */
  readonly epoch: number
  readonly loss: number
  readonly accuracy: number
  /** Of training alone. */
  readonly seconds: number
}

export type State = 'loading' | 'running' | 'done' | 'stopped' | 'failed'

/** One training. */
export interface Watched {
  readonly id: number
  readonly settings: TrainingSettings
  readonly colour: number
  state: State
  /** What is said of it while it loads, and why it failed. */
  note: string
  classes: number
  /** Training images. */
  images: number
  steps: Step[]
  epochs: Epoch[]
}

const KEPT = 'lenet.trainings'
/** The style sheet has so many colours, and a chart no room for more lines. */
const MOST = 6
/** Points that are kept of a training that is over. */
const POINTS = 200

/** The trainings of this visit; those before a reload too. */
export const watched: Watched[] = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as Watched[]

/** Keep the trainings through a reload. */
export function keep(): void {
  sessionStorage.setItem(KEPT, JSON.stringify(watched.map((run) => ({ ...run, steps: thinned(run.steps, POINTS) }))))
}

/** The training of that id, new if it is not among the watched; the oldest one makes room. */
export function watch(id: number, settings: TrainingSettings): Watched {
  const same = watched.find((run) => run.id === id && JSON.stringify(run.settings) === JSON.stringify(settings))
  const run: Watched = same ?? { id, settings, colour: freeColour(), state: 'loading', note: '', classes: 10, images: 0, steps: [], epochs: [] }
  // All is told again from the beginning.
  Object.assign(run, { state: 'loading', note: '', steps: [], epochs: [] })
  if (!same) watched.push(run)
  return run
}

/** Take a training out of the charts. */
export function forget(run: Watched): void {
  watched.splice(watched.indexOf(run), 1)
  keep()
}

function freeColour(): number {
  while (watched.length >= MOST) watched.shift()
  const used = new Set(watched.map((run) => run.colour))
  return [...Array(MOST).keys()].find((colour) => !used.has(colour))!
}

/** Take in an event of the service; tells whether the training is over. */
export function take(run: Watched, name: string, data: unknown): boolean {
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
      return true
    default:
      return false
  }
}

/** About `most` of the points, evenly, the last one always. */
export function thinned<Point>(points: readonly Point[], most: number): Point[] {
  const stride = Math.ceil(points.length / most)
  return points.filter((_, k) => (points.length - 1 - k) % Math.max(stride, 1) === 0)
}

/** A line without the batches' noise: an exponential mean over about `span` points. */
export function smooth(values: readonly number[], span: number): number[] {
  const keepShare = 1 - 1 / span
  let [sum, weight] = [0, 0]
  return values.map((value) => {
    sum = sum * keepShare + value
    weight = weight * keepShare + 1
    return sum / weight
  })
}

/** Images a second over the last second or so. */
export function speed({ steps, images }: Watched): { images: number; steps: number } | null {
  const last = steps.at(-1)
  const before = steps.filter((step) => last!.seconds - step.seconds >= 1).at(-1) ?? steps[0]
  if (!last || !before || last.seconds <= before.seconds) return null
  const seconds = last.seconds - before.seconds
  return { images: ((last.epoch - before.epoch) * images) / seconds, steps: (last.step - before.step) / seconds }
}
