import type { Artifact } from '../../network/artifact.ts'
import { readArtifact } from '../../network/artifact.ts'
import { bars, type Bars } from '../../parts/bars.ts'
import { sharedDrawing } from '../../parts/canvas.ts'
import { h, percent } from '../../parts/dom.ts'
import { look } from '../../parts/look.ts'
import { samplesFor } from '../../parts/samples.ts'
import { verdict } from '../../parts/verdict.ts'
import { networkInput } from '../../picture/network-input.ts'
import { fromImageData, type Picture } from '../../picture/picture.ts'
import { onTheme } from '../../theme.ts'
import type { Page } from '../../view.ts'
import { kernels } from './kernels.ts'

/** The network in training: the kernels of its first layer, and its answer to the drawing. */
export interface Live {
  readonly element: HTMLElement
  /** Fetch the latest weights. */
  refresh(): void
  /** Prepare for another training. */
  reset(): void
  close(): void
}

/** The number of the sample that replaces an empty drawing. */
const SAMPLE = 7

/** Make the cards, without a network yet. */
export function live(page: Page): Live {
  const picture = kernels()
  const drawing = sharedDrawing(page, 'Draw a picture for the network in training', answer)
  const label = h('p', { class: 'live-label', 'data-test': 'live-answer' })
  const detail = h('p', { class: 'soft small', 'data-test': 'live-detail' }, 'No answer yet: start a training.')
  const table = h('div')
  let shown: Bars | null = null
  let artifact: Artifact | null = null
  let sample: { label: string; picture: Picture } | null = null
  const ghost = h('canvas', { class: 'live-ghost', width: 28, height: 28, 'aria-hidden': 'true', hidden: true })
  let config: string | null = null
  let fetching = false
  let wanted = false
  let closed = false

  const element = h(
    'div',
    { class: 'live' },
    h('section', { class: 'card stack', 'aria-label': 'Kernels' }, h('h2', {}, 'Kernels of the first layer'), picture.element, h('p', { class: 'soft small' }, 'Blue weights are positive, orange weights are negative. During training, edges and strokes appear.')),
    h(
      'section',
      { class: 'card live-answer', 'aria-label': 'Answer to your drawing' },
      h('h2', {}, 'Answer to your drawing'),
      h('div', { class: 'stack live-paper' }, h('div', { class: 'live-canvas' }, drawing.element, ghost), h('button', { type: 'button', class: 'small', onclick: () => drawing.clear() }, 'Clear')),
      h('div', { class: 'stack' }, h('div', {}, label, detail), table),
    ),
  )

  async function fetchNow(): Promise<void> {
    fetching = true
    while (wanted && !closed) {
      wanted = false
      config ??= await page.api.text('v1/training/config.json')
      const weights = await page.api.bytes('v1/training/model.safetensors')
      if (closed) return
      await use(readArtifact('the training', config, weights))
    }
  }

  async function use(next: Artifact): Promise<void> {
    const before = artifact
    artifact = next
    if (before?.classes.join() !== next.classes.join()) {
      shown = bars(next.classes, 'Probability of each class')
      table.replaceChildren(shown.element)
      const one = (await samplesFor(next))[SAMPLE]!
      sample = { label: one.label, picture: onPaper(one.image) }
      ghost.getContext('2d')!.clearRect(0, 0, ghost.width, ghost.height)
      ghost.getContext('2d')!.drawImage(one.image, 0, 0)
    }
    picture.update(next)
    answer()
  }

  function answer(): void {
    if (!artifact || !shown || !sample || closed) return
    const empty = drawing.isEmpty()
    ghost.hidden = !empty
    const found = look(artifact, networkInput(empty ? sample.picture : drawing.picture(), artifact)).answer
    shown.update(found.top)
    if (found.several) {
      const words = verdict(found)
      label.textContent = words.text
      detail.textContent = words.detail
      return
    }
    label.textContent = found.label
    detail.textContent = `${percent(found.probability)} sure${empty ? `, for the sample “${sample.label}”. Draw to replace it.` : ''}`
  }

  const forgetTheme = onTheme(() => artifact && picture.update(artifact))
  return {
    element,
    refresh() {
      wanted = true
      if (!fetching) {
        fetchNow()
          .catch(page.problem)
          .finally(() => (fetching = false))
      }
    },
    reset() {
      config = null
    },
    close() {
      closed = true
      forgetTheme()
      drawing.close()
    },
  }
}

function onPaper(image: HTMLCanvasElement): Picture {
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d', { willReadFrequently: true })!
  context.drawImage(image, 0, 0)
  return fromImageData(context.getImageData(0, 0, image.width, image.height))
}
