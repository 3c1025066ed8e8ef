import type { Trellis } from '../../api.ts'
import { h } from '../../parts/dom.ts'
import { palette } from '../../parts/maps.ts'
import { loadImage } from '../../parts/samples.ts'
import { colour, onTheme } from '../../theme.ts'
import { columnWords, stretches } from './words.ts'

/** The number image that the network reads (the "field"), and below it the probabilities of each column. */
export interface TrellisPicture {
  readonly element: HTMLElement
  /** Null: there is nothing to show. */
  update(trellis: Trellis | null): void
  close(): void
}

/** Pixels of the field per column of the trellis (lenet.engine.space_displacement). */
const STEP = 2
/** CSS pixels. Narrower columns are hard to distinguish, so the picture scrolls instead. */
const LEAST_COLUMN = 4
/** CSS pixels. With wider columns the field would be so high that the trellis leaves the screen. */
const MOST_COLUMN = 8
const ROW = 16
const NONE_ROW = 20
const LABELS = 44

/** Make an empty picture. */
export function trellisPicture(): TrellisPicture {
  const ink = h('canvas', { class: 'trellis-ink', role: 'img', 'aria-label': 'The number image that the network reads', 'data-test': 'field' })
  const heat = h('canvas', { class: 'trellis-heat', role: 'img', 'aria-label': 'Trellis', 'data-test': 'trellis' })
  const scroll = h(
    'div',
    { class: 'trellis-scroll', tabindex: 0, role: 'group', 'aria-label': 'Number image and probabilities of each column' },
    ink,
    heat,
  )
  const slider = h('input', { type: 'range', min: 0, step: 1, value: 0, 'data-test': 'column' })
  const readout = h('output', { class: 'trellis-readout number small', 'data-test': 'column-words' })
  const element = h(
    'div',
    { class: 'trellis' },
    scroll,
    h('div', { class: 'row trellis-column' }, h('label', { class: 'row soft' }, 'Column ', slider), readout),
  )
  let shown: Trellis | null = null
  let image: HTMLImageElement | null = null
  let at = 0

  const width = () => {
    const columns = shown!.columns.length
    const room = scroll.clientWidth - LABELS
    return Math.max(LEAST_COLUMN, Math.min(MOST_COLUMN, room / columns))
  }

  function paint(): void {
    if (!shown || !image || !scroll.clientWidth) return
    paintField()
    paintHeat()
    readout.textContent = columnWords(shown, at)
  }

  function prepared(canvas: HTMLCanvasElement, wide: number, tall: number): CanvasRenderingContext2D {
    const density = Math.min(3, devicePixelRatio || 1)
    ;[canvas.width, canvas.height] = [Math.round(wide * density), Math.round(tall * density)]
    ;[canvas.style.width, canvas.style.height] = [`${wide}px`, `${tall}px`]
    const context = canvas.getContext('2d')!
    context.scale(density, density)
    return context
  }

  function paintField(): void {
    const scale = width() / STEP
    const context = prepared(ink, LABELS + image!.width * scale, image!.height * scale)
    // The field is light on dark, like MNIST; here it is shown as ink on paper.
    const pixels = new OffscreenCanvas(image!.width, image!.height).getContext('2d', { willReadFrequently: true })!
    pixels.drawImage(image!, 0, 0)
    const data = pixels.getImageData(0, 0, image!.width, image!.height)
    const words = new Uint32Array(data.data.buffer)
    const colours = palette()
    for (let k = 0; k < words.length; k++) words[k] = colours.sequential[data.data[4 * k]]
    pixels.putImageData(data, 0, 0)
    context.imageSmoothingEnabled = false
    context.drawImage(pixels.canvas, LABELS, 0, image!.width * scale, image!.height * scale)
    mark(context, image!.height * scale)
  }

  function paintHeat(): void {
    const { columns, symbols, path } = shown!
    const [step, none] = [width(), symbols.length - 1]
    const top = (symbol: number) => symbol * ROW + (symbol === none ? NONE_ROW - ROW : 0)
    const tall = top(none) + ROW
    const context = prepared(heat, LABELS + columns.length * step, tall)
    const colours = palette()
    columns.forEach((probabilities, column) => {
      probabilities.forEach((probability, symbol) => {
        const word = colours.sequential[Math.round(255 * Math.max(0, Math.min(1, probability)))]
        context.fillStyle = `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`
        context.fillRect(LABELS + column * step, top(symbol), step + 0.5, ROW - 1)
      })
    })
    context.font = '13px system-ui, sans-serif'
    context.textBaseline = 'middle'
    context.textAlign = 'right'
    symbols.forEach((symbol, k) => {
      context.fillStyle = path.includes(k) && k !== none ? colour('--accent') : colour('--soft')
      context.fillText(symbol, LABELS - 8, top(k) + ROW / 2)
    })
    mark(context, tall)
    // The best path is a line through the stretches.
    context.strokeStyle = context.fillStyle = colour('--c1')
    context.lineWidth = 2
    context.lineJoin = 'round'
    context.beginPath()
    for (const { symbol, first, last } of stretches(path)) {
      const y = top(symbol) + ROW / 2 - 0.5
      context.lineTo(LABELS + (first + 0.5) * step, y)
      context.lineTo(LABELS + (last + 0.5) * step, y)
    }
    context.stroke()
    for (const { symbol, first, last } of stretches(path)) {
      if (symbol === none) continue
      context.beginPath()
      context.arc(LABELS + ((first + last + 1) / 2) * step, top(symbol) + ROW / 2 - 0.5, 4, 0, 2 * Math.PI)
      context.fill()
    }
    const names = stretches(path).map(({ symbol }) => symbols[symbol])
    heat.setAttribute('aria-label', `Trellis of ${columns.length} columns. The best path: ${names.join(', ')}.`)
  }

  function mark(context: CanvasRenderingContext2D, tall: number): void {
    context.strokeStyle = colour('--accent')
    context.lineWidth = 1
    context.strokeRect(LABELS + at * width() + 0.5, 0.5, Math.max(1, width() - 1), tall - 1)
  }

  function choose(column: number): void {
    if (!shown) return
    at = Math.max(0, Math.min(shown.columns.length - 1, column))
    slider.value = String(at)
    paint()
  }

  slider.addEventListener('input', () => choose(Number(slider.value)))
  for (const canvas of [ink, heat]) {
    canvas.addEventListener('pointermove', (event) => {
      if (shown) choose(Math.floor((event.offsetX - LABELS) / width()))
    })
  }
  const forget = onTheme(paint)
  const resized = new ResizeObserver(paint)
  resized.observe(scroll)

  return {
    element,
    update(trellis) {
      shown = trellis
      element.hidden = !trellis
      if (!trellis) return
      slider.max = String(trellis.columns.length - 1)
      const middle = stretches(trellis.path).find(({ symbol }) => symbol !== trellis.symbols.length - 1)
      at = middle ? Math.floor((middle.first + middle.last) / 2) : 0
      slider.value = String(at)
      void loadImage(`data:image/png;base64,${trellis.ink}`).then((loaded) => {
        if (shown !== trellis) return
        image = loaded
        paint()
      })
    },
    close() {
      forget()
      resized.disconnect()
    },
  }
}
