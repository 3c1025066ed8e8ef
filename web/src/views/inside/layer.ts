import type { Stage } from '../../network/forward.ts'
import { h, percent } from '../../parts/dom.ts'
import { mapBox, unitAt, type Layout, type Unit } from '../../parts/layout.ts'
import { paintMap, palette, scaleFor, type Palette } from '../../parts/maps.ts'
import { colour } from '../../theme.ts'
import { activity, kindOf, shapeOf } from './words.ts'

/** A drawing of one layer: all its feature maps, or its units. */
export interface LayerPicture {
  readonly element: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly layout: Layout
  /** Paint the stage; for the last stage also the probabilities by class. */
  update(stage: Stage, probabilities?: ReadonlyMap<string, number>): void
}

/** The callbacks of a layer's picture. */
export interface Pointing {
  /** The pointer is over a unit; null: it has left. */
  readonly hover: (unit: Unit | null) => void
  /** The user has selected a unit. */
  readonly pick: (unit: Unit) => void
  /** The unit from which the arrow keys start. */
  readonly at: () => Unit
}

/** Make the picture of one stage; `labels` are names that are written next to the units. */
export function layerPicture(
  stage: Stage,
  layout: Layout,
  pointing: Pointing,
  labels: readonly string[] | null = null,
): LayerPicture {
  const [count, height = 1, width = 1] = stage.shape
  const what = stage.shape.length === 3 ? `${count} feature maps of ${height} × ${width}` : `${count} units`
  const canvas = h('canvas', {
    class: 'layer-canvas',
    tabindex: 0,
    role: 'application',
    'aria-label': `${stage.name}, ${kindOf(stage.layer)}, ${what}. Arrow keys select a unit, Page Up and Page Down a feature map.`,
    'data-test': `layer-${stage.name}`,
  })
  canvas.style.width = `${layout.width}px`
  canvas.style.height = `${layout.height}px`
  const caption = h('p', { class: 'layer-note' })
  const bars = (labels ?? []).map((name) => {
    const bar = h('span', { class: 'layer-bar' })
    const share = h('span', { class: 'layer-share' })
    const room = h('span', { class: 'layer-bar-room' }, bar)
    const item = h(
      'li',
      { style: `height:${layout.cell}px` },
      h('span', { class: 'layer-name' }, name),
      room,
      share,
    )
    return { name, bar, share, item }
  })
  const names = labels && h('ol', { class: 'layer-names' }, ...bars.map(({ item }) => item))
  const element = h(
    'section',
    { class: `layer layer-${stage.layer?.layer.replace(' ', '-') ?? 'image'}`, 'aria-label': stage.name },
    h('h3', {}, stage.name),
    h('p', { class: 'layer-shape' }, shapeOf(stage.shape)),
    h('div', { class: 'layer-body' }, canvas, names),
    caption,
  )
  const atlas = document.createElement('canvas')

  const unitOf = (event: PointerEvent | MouseEvent): Unit | null => {
    const box = canvas.getBoundingClientRect()
    return unitAt(layout, event.clientX - box.left, event.clientY - box.top)
  }
  canvas.addEventListener('pointermove', (event) => {
    // A finger that moves on the screen scrolls the page.
    if (event.pointerType !== 'touch') pointing.hover(unitOf(event))
  })
  canvas.addEventListener('pointerleave', () => pointing.hover(null))
  canvas.addEventListener('click', (event) => {
    const unit = unitOf(event)
    if (unit) pointing.pick(unit)
  })
  canvas.addEventListener('keydown', (event) => {
    const next = step(event.key, pointing.at(), stage.shape, layout.columns)
    if (!next) return
    event.preventDefault()
    pointing.pick(next)
  })

  return {
    element,
    canvas,
    layout,
    update(now, probabilities) {
      paint(canvas, atlas, now, layout, palette())
      const alive = activity(now)
      caption.replaceChildren(...(alive ? [percent(alive.flat, 0), ' ', h('br'), alive.word] : []))
      const most = Math.max(...(probabilities?.values() ?? []))
      for (const { name, bar, share, item } of bars) {
        const probability = probabilities?.get(name) ?? 0
        bar.style.width = `${100 * probability}%`
        share.textContent = percent(probability, 0)
        item.classList.toggle('best', probability === most)
      }
    },
  }
}

function paint(
  canvas: HTMLCanvasElement,
  atlas: HTMLCanvasElement,
  stage: Stage,
  layout: Layout,
  colours: Palette,
): void {
  const [count, height = 1, width = 1] = stage.shape
  const dots = Math.min(3, window.devicePixelRatio || 1)
  const [w, h] = [Math.round(layout.width * dots), Math.round(layout.height * dots)]
  if (canvas.width !== w) canvas.width = w
  if (canvas.height !== h) canvas.height = h
  const context = canvas.getContext('2d')!
  context.clearRect(0, 0, w, h)
  context.imageSmoothingEnabled = false
  const scale = scaleFor(stage.values)
  if (stage.shape.length === 1) {
    // A vector is drawn in rows of units; the last row may not be full.
    const rows = Math.ceil(count / layout.columns)
    const padded = new Float32Array(rows * layout.columns)
    padded.set(stage.values)
    paintMap(atlas, padded, layout.columns, rows, scale, colours)
    context.drawImage(atlas, 0, 0, w, h)
    const rest = rows * layout.columns - count
    if (rest)
      context.clearRect((layout.columns - rest) * layout.cell * dots, (rows - 1) * layout.cell * dots, w, h)
    return
  }
  context.strokeStyle = colour('--line')
  context.lineWidth = dots
  for (let channel = 0; channel < count; channel++) {
    paintMap(atlas, stage.values, width, height, scale, colours, channel * height * width)
    const box = mapBox(layout, channel)
    context.drawImage(atlas, box.x * dots, box.y * dots, box.width * dots, box.height * dots)
    context.strokeRect(box.x * dots, box.y * dots, box.width * dots, box.height * dots)
  }
}

/** The unit that a key selects; null for other keys. */
export function step(key: string, unit: Unit, shape: readonly number[], across: number): Unit | null {
  const [count, height = 1, width = 1] = shape
  const clip = (value: number, size: number) => Math.max(0, Math.min(size - 1, value))
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [
    0, 0,
  ]
  const maps = key === 'PageDown' ? 1 : key === 'PageUp' ? -1 : 0
  if (!dx && !dy && !maps) return null
  if (maps) return { ...unit, channel: clip(unit.channel + maps, count) }
  if (shape.length === 1) return { channel: clip(unit.channel + dx + dy * across, count), row: 0, column: 0 }
  return { channel: unit.channel, row: clip(unit.row + dy, height), column: clip(unit.column + dx, width) }
}
