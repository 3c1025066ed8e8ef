import type { Reading } from '../api.ts'
import type { Picture } from '../picture/picture.ts'
import { bars } from '../parts/bars.ts'
import { drawing as makeDrawing } from '../parts/drawing.ts'
import { h } from '../parts/dom.ts'
import { pictureIn, storedPicture, upload } from '../parts/uploads.ts'
import type { View } from '../view.ts'
import { boxes } from './read/boxes.ts'
import { numberSamples } from './read/samples.ts'
import { trellisPicture } from './read/trellis.ts'
import { amounts, verdict } from './read/words.ts'
import './read.css'

const WIDTH = 700
const HEIGHT = 160
/** Milliseconds without a change until the drawing is sent to the service. */
const PAUSE_MS = 150

/** Write a number, and see how it is read. */
export const view: View = {
  name: 'read',
  title: 'Read',
  show(root, page) {
    let timer = 0
    let asked = 0
    let following = false
    let left = false

    const drawing = makeDrawing({
      width: WIDTH,
      height: HEIGHT,
      label: 'Write a number here',
      pen: 9,
      onChange: changed,
      async resolve(key) {
        const found = (await numberSamples()).find((one) => one.key === key)
        if (found) return { image: found.image, ink: true }
        const image = await storedPicture(key)
        return image && { image, ink: false }
      },
    })
    const overlay = h('div', {})
    const paper = h('div', { class: 'paper' }, drawing.element, overlay)
    const pen = h('input', { type: 'range', min: 4, max: 24, value: drawing.pen, 'data-test': 'pen' })
    const file = h('input', { type: 'file', accept: 'image/*', class: 'visually-hidden', 'data-test': 'file' })
    const samples = h('div', { class: 'read-samples', role: 'group', 'aria-label': 'Samples' })
    const length = h('input', { type: 'number', min: 1, max: 100, 'data-test': 'length' })
    const pattern = h('input', { type: 'text', class: 'pattern', maxlength: 200, placeholder: 'd{4}', 'data-test': 'pattern' })
    const text = h('p', { class: 'read-text', 'data-test': 'text' })
    const detail = h('p', { class: 'soft', 'data-test': 'detail' })
    const amount = h('dl', { class: 'read-amounts' })
    const others = h('div', {})
    const trellis = trellisPicture()
    const behind = h(
      'section',
      { class: 'card stack', 'aria-label': 'How it was read' },
      h('h2', {}, 'The network’s input, and the probabilities of each column'),
      trellis.element,
      h(
        'p',
        { class: 'lead small' },
        'The image at the top is the network’s input. A window slides over it in steps of two pixels. Each place of the ',
        'window gives one column of probabilities; a strong colour means a high probability. The line is the best path. ',
        'Equal digits next to each other count as one digit, so 00 needs a “none” between the two zeros.',
      ),
    )

    root.append(
      h('h1', { class: 'visually-hidden' }, 'Read a number'),
      h(
        'div',
        { class: 'read' },
        h(
          'div',
          { class: 'read-top' },
          h(
            'section',
            { class: 'read-paper', 'aria-label': 'Drawing' },
            paper,
            h(
              'div',
              { class: 'row read-tools' },
              h('button', { type: 'button', 'data-test': 'undo', onclick: () => drawing.undo() }, 'Undo'),
              h('button', { type: 'button', 'data-test': 'clear', onclick: () => drawing.clear() }, 'Clear'),
              h('label', { class: 'row pen' }, 'Pen', pen),
            ),
            h('p', { class: 'soft small' }, h('label', { class: 'link' }, 'Choose a picture', file), ', drop one here, paste one, or click a sample:'),
            samples,
            h(
              'div',
              { class: 'row read-known', role: 'group', 'aria-label': 'Known length or pattern' },
              h('span', { class: 'soft small' }, 'If you know it:'),
              h('label', {}, 'Number of digits', length),
              h('label', {}, 'or pattern', pattern),
            ),
          ),
          h(
            'section',
            { class: 'read-answer stack', 'aria-label': 'Answer' },
            h('div', { class: 'verdict', role: 'status' }, text, detail),
            amount,
            others,
          ),
        ),
        behind,
      ),
    )

    function changed(): void {
      if (!following) page.address.set('number', drawing.encode() || null, { replace: true })
      // The boxes of the last answer do not fit the new drawing.
      overlay.replaceChildren()
      clearTimeout(timer)
      asked++
      if (drawing.isEmpty()) show(null, null)
      else timer = window.setTimeout(() => void ask(), PAUSE_MS)
    }

    async function ask(): Promise<void> {
      const mine = ++asked
      const picture = drawing.picture()
      try {
        const reading = await page.api.read(await toPng(picture), known())
        if (mine !== asked || left) return
        page.problem(null)
        show(reading, picture)
      } catch (error) {
        if (mine === asked && !left) page.problem(error)
      }
    }

    function known(): Record<string, string> {
      const asked: Record<string, string> = {}
      if (length.value) asked['length'] = length.value
      else if (pattern.value.trim()) asked['pattern'] = pattern.value.trim()
      return asked
    }

    function show(reading: Reading | null, picture: Picture | null): void {
      const found = verdict(reading)
      text.textContent = found.text
      text.dataset['state'] = found.state
      detail.textContent = found.detail
      overlay.replaceChildren(...(reading && picture ? [boxes({ width: WIDTH, height: HEIGHT }, picture, reading)] : []))
      const money = reading && !reading.rejected ? amounts(reading.text) : null
      amount.replaceChildren(
        ...(money
          ? [h('dt', {}, 'as a number'), h('dd', { 'data-test': 'whole' }, money.whole), h('dt', {}, 'with cents'), h('dd', { 'data-test': 'amount' }, money.cents)]
          : []),
      )
      const alternatives = reading?.trellis?.alternatives ?? []
      const named = alternatives.map(({ text, confidence }) => ({ label: text || 'no number', probability: confidence }))
      const table = bars(named.map(({ label }) => label), 'Probability of each number')
      table.update(named)
      others.replaceChildren(...(named.length ? [h('h2', {}, 'Most probable numbers'), table.element] : []))
      trellis.update(reading?.trellis ?? null)
      behind.hidden = !reading?.trellis
    }

    async function take(picture: Blob | null): Promise<void> {
      if (!picture) return
      try {
        const { key, image } = await upload(picture)
        if (!left) drawing.setImage(image, { key })
      } catch (error) {
        page.problem(error)
      }
    }

    function follow(): void {
      length.value = page.address.get('length') ?? ''
      pattern.value = page.address.get('pattern') ?? ''
      const ink = page.address.get('number') ?? ''
      if (ink === drawing.encode()) return
      following = true
      drawing.decode(ink)
      following = false
    }

    // A pattern is not valid until it is complete, so it is used when the user leaves its field.
    for (const [input, other, event] of [[length, pattern, 'input'], [pattern, length, 'change']] as const) {
      input.addEventListener(event, () => {
        // Only one of the two is used, because each is complete by itself.
        if (input.value) other.value = ''
        page.address.set('length', length.value || null, { replace: true })
        page.address.set('pattern', pattern.value || null, { replace: true })
        changed()
      })
    }
    pen.addEventListener('input', () => (drawing.pen = Number(pen.value)))
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
    void numberSamples().then((offered) =>
      samples.replaceChildren(
        ...offered.map(({ key, text, image }) => {
          const small = h('canvas', { width: image.width, height: image.height })
          small.getContext('2d')!.drawImage(image, 0, 0)
          return h(
            'button',
            { type: 'button', 'aria-label': `Sample: ${text}`, 'data-test': key, onclick: () => drawing.setImage(image, { key, ink: true }) },
            small,
          )
        }),
      ),
    )
    const forget = page.address.onChange((changed) => {
      if (['number', 'length', 'pattern'].some((key) => changed.has(key))) follow()
    })
    show(null, null)
    follow()

    return () => {
      left = true
      clearTimeout(timer)
      ending.abort()
      forget()
      trellis.close()
      drawing.close()
    }
  },
}

async function toPng({ width, height, channels, data }: Picture): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height)
  const pixels = new ImageData(width, height)
  for (let k = 0; k < width * height; k++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * k + c] = data[k * channels + Math.min(c, channels - 1)]
    pixels.data[4 * k + 3] = 255
  }
  canvas.getContext('2d')!.putImageData(pixels, 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}
