// The computation of a unit's value from the previous stage.

import type { Artifact } from '../../network/artifact.ts'
import type { Stage } from '../../network/forward.ts'
import type { Activation } from '../../network/layers.ts'
import { products } from '../../network/shapes.ts'
import { h, short, svg } from '../../parts/dom.ts'
import { palette } from '../../parts/maps.ts'
import type { Computation, Spot } from './types.ts'
import { bitmap, linear } from './vectors.ts'
import { convolution, pooling } from './windows.ts'
import { activationOf } from './words.ts'

/** Show how a unit's value is computed. `from` is the input map to show; `choose` is called to show another. */
export function computation(
  artifact: Artifact,
  stages: readonly Stage[],
  spot: Spot,
  from: number | null,
  choose: (map: number) => void,
): Computation {
  const { layer } = stages[spot.stage]
  const before = stages[spot.stage - 1]
  if (!layer || !before) return { from: null, parts: [pixel(artifact, stages[0], spot)] }
  const made = products(artifact, stages, spot.stage, spot.channel, spot.row, spot.column)
  const colours = palette()
  const place = before.shape.length === 3 ? (made.terms[0]?.from.channel ?? 0) : null
  switch (layer.layer) {
    case 'convolution':
      return convolution(made, layer.kernel, before, from, colours, choose)
    case 'pooling':
    case 'subsampling':
      return { from: place, parts: pooling(layer, made, before, colours) }
    case 'activation':
      return { from: place, parts: [curve(layer.kind, made.terms[0].value, made.sum)] }
    case 'linear':
      return { from: null, parts: linear(made, stages, spot.stage) }
    case 'radial basis':
      return { from: null, parts: bitmap(made, colours) }
    case 'residual':
      return { from: null, parts: [] }
    default: {
      const { channel, row, column } = made.terms[0].from
      const words =
        layer.layer === 'flatten'
          ? `Unit ${spot.channel} of the vector is row ${row}, column ${column} of feature map ${channel}: ` +
            `${short(made.sum)}.`
          : `The value is copied: ${short(made.sum)}. Cells of the padding have the value ${short(layer.value)}.`
      return { from: place, parts: [h('p', { class: 'formula' }, words)] }
    }
  }
}

function pixel(artifact: Artifact, image: Stage, spot: Spot): HTMLElement {
  const [, height = 1, width = 1] = image.shape
  const value = image.values[(spot.channel * height + spot.row) * width + spot.column]
  const { scale, offset } = artifact.normalization
  const stored = Math.round((value - offset) / scale)
  const shift = offset ? `${offset < 0 ? ' − ' : ' + '}${short(Math.abs(offset))}` : ''
  return h(
    'p',
    { class: 'formula' },
    `pixel ${stored} of 255 · ${short(scale)}${shift} = `,
    h('strong', {}, short(value)),
  )
}

function curve(kind: Activation['kind'], from: number, to: number): HTMLElement {
  const most = Math.max(4, Math.abs(from) * 1.15)
  const rectified = kind.endsWith('relu')
  const high = rectified ? most : kind === 'scaled tanh' ? 1.9 : 1.15
  const low = rectified ? -0.25 * most : kind === 'sigmoid' ? -0.15 : -high
  const x = (value: number) => ((value + most) / (2 * most)) * 220 + 10
  const y = (value: number) => 150 - ((value - low) / (high - low)) * 140
  const points = Array.from({ length: 81 }, (_, k) => -most + (k / 80) * 2 * most)
  const plot = svg(
    'svg',
    {
      viewBox: '0 0 240 160',
      class: 'curve',
      role: 'img',
      'aria-label': `${kind}: ${short(from)} becomes ${short(to)}`,
    },
    svg('line', { class: 'axis', x1: 10, x2: 230, y1: y(0), y2: y(0) }),
    svg('line', { class: 'axis', x1: x(0), x2: x(0), y1: 8, y2: 152 }),
    svg('polyline', {
      class: 'function',
      points: points.map((at) => `${x(at).toFixed(1)},${y(activationOf(kind, at)).toFixed(1)}`).join(' '),
    }),
    svg('polyline', { class: 'trace', points: `${x(from)},${y(0)} ${x(from)},${y(to)} ${x(0)},${y(to)}` }),
    svg('circle', { class: 'point', cx: x(from), cy: y(to), r: 5 }),
  )
  return h(
    'div',
    { class: 'curve-figure' },
    wrap(plot),
    h('p', { class: 'formula' }, `${kind}(${short(from)}) = `, h('strong', {}, short(to))),
  )
}

function wrap(element: SVGElement): HTMLElement {
  const box = h('div')
  box.append(element)
  return box
}
