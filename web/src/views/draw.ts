import { rubbishOf } from '../network/answer.ts'
import type { Artifact } from '../network/artifact.ts'
import { bars, type Bars } from '../parts/bars.ts'
import { preprocessing, sharedDrawing } from '../parts/canvas.ts'
import { h } from '../parts/dom.ts'
import { blankInput, look } from '../parts/look.ts'
import { paintMap, palette } from '../parts/maps.ts'
import { sampleButtons, samplesFor } from '../parts/samples.ts'
import { pictureIn, upload } from '../parts/uploads.ts'
import { NONE, verdict } from '../parts/verdict.ts'
import { warmUp } from '../parts/warm-up.ts'
import { networkInput } from '../picture/network-input.ts'
import { onTheme } from '../theme.ts'
import type { View } from '../view.ts'
import './draw.css'

/** Draw something, and see the answer of a network. */
export const view: View = {
  name: 'draw',
  title: 'Draw',
  kind: 'predict',
  show(root, page) {
    let artifact: Artifact | null = null
    let shown: Bars | null = null
    let left = false

    const drawing = sharedDrawing(page, 'Draw here', answer)
    const input = h('canvas', {
      class: 'pixels input',
      role: 'img',
      'aria-label': 'The network’s input',
      'data-test': 'input',
    })
    const explanation = h('p', { class: 'soft small', 'data-test': 'treatment' })
    const label = h('p', { class: 'answer-label', 'data-test': 'answer' })
    const detail = h('p', { class: 'answer-detail soft', 'data-test': 'answer-detail' })
    const time = h('p', { class: 'soft small number', 'data-test': 'milliseconds' })
    const table = h('div')
    const samples = h('div', { class: 'samples', role: 'group', 'aria-label': 'Samples' })
    const pen = h('input', { type: 'range', min: 8, max: 44, value: drawing.pen, 'data-test': 'pen' })
    const file = h('input', {
      type: 'file',
      accept: 'image/*',
      class: 'visually-hidden',
      'data-test': 'file',
    })
    const paper = h('div', { class: 'paper' }, drawing.element)

    root.append(
      h('h1', { class: 'visually-hidden' }, 'Draw a digit'),
      h(
        'div',
        { class: 'draw' },
        h(
          'section',
          { class: 'draw-paper', 'aria-label': 'Drawing' },
          paper,
          h(
            'div',
            { class: 'row draw-tools' },
            h('button', { type: 'button', 'data-test': 'undo', onclick: () => drawing.undo() }, 'Undo'),
            h('button', { type: 'button', 'data-test': 'clear', onclick: () => drawing.clear() }, 'Clear'),
            h('label', { class: 'row pen' }, 'Pen', pen),
          ),
          h(
            'div',
            { class: 'draw-pictures' },
            h(
              'p',
              { class: 'soft small' },
              h('label', { class: 'link' }, 'Choose a picture', file),
              ', drop one here, paste one, or click a test image:',
            ),
            samples,
          ),
        ),
        h('section', { class: 'draw-input stack' }, h('h2', {}, 'The network’s input'), input, explanation),
        h(
          'section',
          { class: 'draw-answer stack', 'aria-label': 'Answer' },
          h('div', { role: 'status', class: 'answer' }, label, detail),
          h('div', { class: 'draw-bars' }, table, time),
        ),
      ),
    )

    function answer(): void {
      if (!artifact || !shown) return
      const begun = performance.now()
      const blank = drawing.isEmpty()
      const made = blank ? blankInput(artifact.inputShape) : networkInput(drawing.picture(), artifact)
      const found = blank ? null : look(artifact, made).answer
      const spent = performance.now() - begun
      show(made.image)
      time.textContent = found ? `${spent.toFixed(1)} ms, computed in this browser` : ''
      const none = found?.none ?? null
      shown.update(found && [...found.top, ...(none === null ? [] : [{ label: NONE, probability: none }])])
      const words = found
        ? verdict(found)
        : {
            text: artifact.pictures === 'digits' ? 'Draw a digit' : 'Draw something',
            detail: '',
            state: 'blank',
          }
      label.textContent = words.text
      label.dataset['state'] = words.state
      label.classList.toggle('glyph', words.text.length === 1)
      detail.textContent = words.detail
    }

    function show(image: Uint8Array): void {
      const [channels, height, width] = artifact!.inputShape
      if (channels === 1) {
        paintMap(
          input,
          Float32Array.from(image),
          width,
          height,
          { kind: 'sequential', low: 0, high: 255 },
          palette(),
        )
        return
      }
      ;[input.width, input.height] = [width, height]
      const pixels = new ImageData(width, height)
      for (let k = 0; k < width * height; k++) {
        for (let c = 0; c < 3; c++) pixels.data[4 * k + c] = image[channels * k + Math.min(c, channels - 1)]
        pixels.data[4 * k + 3] = 255
      }
      input.getContext('2d')!.putImageData(pixels, 0, 0)
    }

    async function use(): Promise<void> {
      const next = await page.network()
      if (left) return
      artifact = next
      shown = bars(rubbishOf(next) !== null ? [...next.classes, NONE] : next.classes, 'Probability of each class')
      table.replaceChildren(shown.element)
      explanation.textContent = preprocessing(next)
      answer()
      const offered = await samplesFor(next)
      if (left || artifact !== next) return
      samples.replaceChildren(...sampleButtons(offered, drawing))
      setTimeout(() => artifact === next && warmUp(next), 100)
    }

    async function take(picture: Blob | null): Promise<void> {
      if (!picture) return
      try {
        const { key, image } = await upload(picture)
        page.problem(null)
        if (!left) drawing.setImage(image, { key })
      } catch (error) {
        page.problem(error)
      }
    }

    pen.addEventListener('input', () => {
      drawing.pen = Number(pen.value)
      sessionStorage.setItem('lenet.pen', pen.value)
    })
    file.addEventListener('change', () => void take(file.files?.[0] ?? null))
    const ending = new AbortController()
    const { signal } = ending
    addEventListener('paste', (event) => void take(pictureIn(event.clipboardData)), { signal })
    addEventListener('dragover', (event) => (event.preventDefault(), paper.classList.add('over')), { signal })
    addEventListener('dragleave', () => paper.classList.remove('over'), { signal })
    addEventListener(
      'drop',
      (event) => {
        event.preventDefault()
        paper.classList.remove('over')
        void take(pictureIn(event.dataTransfer))
      },
      { signal },
    )
    const forgetTheme = onTheme(answer)
    const forgetAddress = page.address.onChange(
      (changed) => changed.has('network') && use().catch(page.problem),
    )
    use().catch(page.problem)

    return () => {
      left = true
      ending.abort()
      forgetTheme()
      forgetAddress()
      drawing.close()
    }
  },
}
