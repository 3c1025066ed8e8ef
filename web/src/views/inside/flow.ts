import type { Artifact } from '../../network/artifact.ts'
import { products, receptiveField, type Term } from '../../network/shapes.ts'
import { h, svg } from '../../parts/dom.ts'
import { cellBox, layoutOf, type Box, type Room, type Unit } from '../../parts/layout.ts'
import type { Look } from '../../parts/look.ts'
import { layerPicture, type LayerPicture } from './layer.ts'
import type { Spot } from './types.ts'

/** A drawing of all layers of a network, from input to output. */
export interface Flow {
  readonly element: HTMLElement
  update(look: Look): void
  /** Outline a unit, its receptive field and its inputs; null removes the outlines. */
  mark(spot: Spot | null): void
  /** Lay out the layers again for the current width. */
  lay(): void
}

/** The greatest number of connections that are drawn for a unit of a vector: those with the largest products. */
const MOST_LINES = 24

/**
 * Draw the layers of a network. `point` is called with the unit that the user points at or selects; `lead` is
 * placed before the input.
 */
export function flow(
  artifact: Artifact,
  point: (spot: Spot | null, pick: boolean) => void,
  lead: HTMLElement | null = null,
): Flow {
  const row = h('div', { class: 'flow-row' })
  const lines = svg('svg', { class: 'flow-lines', 'aria-hidden': 'true' })
  const inner = h('div', { class: 'flow-inner' }, row, lines)
  const element = h('div', { class: 'flow', 'data-test': `flow-${artifact.name}` }, inner)
  let layers: LayerPicture[] = []
  let look: Look | null = null
  let marked: Spot | null = null

  function build(): void {
    if (!look) return
    const down = matchMedia('(max-width: 44rem)').matches
    const room: Room = { height: 390, width: down ? element.clientWidth - 8 : null, zoom: down ? 1.65 : 1 }
    const last = look.stages.length - 1
    layers = look.stages.map((stage, k) => {
      const bitmap =
        look!.stages[k + 1]?.layer?.layer === 'radial basis' ||
        look!.stages[k + 2]?.layer?.layer === 'radial basis'
      const layout = layoutOf(
        stage.shape,
        k ? room : { ...room, zoom: 2.4, width: null },
        bitmap && stage.shape[0] === 84,
      )
      return layerPicture(
        stage,
        k === last ? { ...layout, ...tall(stage.shape[0]) } : layout,
        {
          hover: (unit) => point(unit && { stage: k, ...unit }, false),
          pick: (unit) => point({ stage: k, ...unit }, true),
          at: () => (marked?.stage === k ? marked : { channel: 0, row: 0, column: 0 }),
        },
        k === last ? artifact.classes : null,
      )
    })
    const [input, ...others] = layers.map((layer) => layer.element)
    const first = h('div', { class: 'flow-first' }, lead, input)
    row.replaceChildren(first, ...others)
  }

  /** The last layer is always a column, so that each unit has the name of its class next to it. */
  function tall(units: number) {
    return { columns: 1, cell: 22, width: 22, height: 22 * units }
  }

  function draw(): void {
    if (!look) return
    const probabilities = new Map(look.answer.top.map(({ label, probability }) => [label, probability]))
    look.stages.forEach((stage, k) => layers[k]?.update(stage, probabilities))
  }

  function outline(spot: Spot | null): void {
    lines.replaceChildren()
    if (!spot || !look || !layers[spot.stage]) return
    const frame = inner.getBoundingClientRect()
    lines.setAttribute('viewBox', `0 0 ${frame.width} ${frame.height}`)
    const place = (stage: number, box: Box): Box => {
      const canvas = layers[stage].canvas.getBoundingClientRect()
      return { ...box, x: box.x + canvas.left - frame.left, y: box.y + canvas.top - frame.top }
    }
    const own = place(spot.stage, cellBox(layers[spot.stage].layout, spot))
    if (spot.stage > 0) {
      const { terms } = products(artifact, look.stages, spot.stage, spot.channel, spot.row, spot.column)
      const before = layers[spot.stage - 1].layout
      for (const { box, weight } of patches(terms, look.stages[spot.stage - 1].shape)) {
        const from = place(spot.stage - 1, cellBox(before, box, box.rows, box.columns))
        lines.append(beam(from, own, weight), rectangle(from, 'patch'))
      }
      const field = receptiveField(artifact, spot.stage, spot.row, spot.column)
      if (field && spot.stage > 1) {
        for (let channel = 0; channel < artifact.inputShape[0]; channel++) {
          const unit = { channel, row: field.top, column: field.left }
          lines.append(
            rectangle(place(0, cellBox(layers[0].layout, unit, field.height, field.width)), 'field'),
          )
        }
      }
    }
    lines.append(rectangle(own, 'unit'))
  }

  return {
    element,
    update(next) {
      const same = look && layers.length === next.stages.length
      look = next
      if (!same) build()
      draw()
      outline(marked)
    },
    mark(spot) {
      marked = spot
      outline(spot)
    },
    lay() {
      build()
      draw()
      outline(marked)
    },
  }
}

interface Patch {
  readonly box: Unit & { readonly rows: number; readonly columns: number }
  /** The sum of its products, value times weight. */
  readonly weight: number
}

/** The inputs of a unit as rectangles, one per feature map; for a vector, the units with the largest products. */
function patches(terms: readonly Term[], shape: readonly number[]): Patch[] {
  const whole = terms.map(({ value, weight, from }) => ({ ...from, product: value * weight }))
  if (shape.length === 1) {
    return whole
      .sort((a, b) => Math.abs(b.product) - Math.abs(a.product))
      .slice(0, MOST_LINES)
      .map(({ channel, product }) => ({
        box: { channel, row: 0, column: 0, rows: 1, columns: 1 },
        weight: product,
      }))
  }
  const found = new Map<
    number,
    { top: number; left: number; bottom: number; right: number; weight: number }
  >()
  for (const { channel, row, column, product } of whole) {
    const one = found.get(channel) ?? { top: row, left: column, bottom: row, right: column, weight: 0 }
    one.top = Math.min(one.top, row)
    one.left = Math.min(one.left, column)
    one.bottom = Math.max(one.bottom, row)
    one.right = Math.max(one.right, column)
    one.weight += product
    found.set(channel, one)
  }
  return [...found].map(([channel, { top, left, bottom, right, weight }]) => ({
    box: { channel, row: top, column: left, rows: bottom - top + 1, columns: right - left + 1 },
    weight,
  }))
}

function rectangle({ x, y, width, height }: Box, kind: string): SVGElement {
  return svg('rect', { class: kind, x: x - 1, y: y - 1, width: width + 2, height: height + 2 })
}

/** A beam from a patch to the unit that reads it; it becomes narrow towards the unit. */
function beam(from: Box, to: Box, weight: number): SVGElement {
  const sideways = to.x >= from.x + from.width
  const points = sideways
    ? [
        [from.x + from.width, from.y],
        [to.x, to.y],
        [to.x, to.y + to.height],
        [from.x + from.width, from.y + from.height],
      ]
    : [
        [from.x, from.y + from.height],
        [to.x, to.y],
        [to.x + to.width, to.y],
        [from.x + from.width, from.y + from.height],
      ]
  return svg('polygon', {
    class: `beam ${weight < 0 ? 'against' : 'for'}`,
    points: points.map((point) => point.join()).join(' '),
  })
}
