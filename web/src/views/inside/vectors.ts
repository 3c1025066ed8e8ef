// The computation of units that read a whole vector: fully connected units, and distances to bitmaps.

import type { Stage } from '../../network/forward.ts'
import type { Products } from '../../network/shapes.ts'
import { count, h, short } from '../../parts/dom.ts'
import { numberGrid } from '../../parts/grid.ts'
import type { Palette, Scale } from '../../parts/maps.ts'

const MOST_TERMS = 10

/** The largest products of a fully connected unit. */
export function linear({ terms, bias, sum }: Products, stages: readonly Stage[], stage: number): HTMLElement[] {
  const all = terms.map((term) => ({ ...term, product: term.value * term.weight }))
  const largest = [...all].sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, MOST_TERMS)
  const most = Math.abs(largest[0]?.product ?? 0) || 1
  const rest = sum - bias - largest.reduce((total, { product }) => total + product, 0)
  // After a flatten layer, an input is named by its place in the feature maps.
  const maps = stages[stage - 1].layer?.layer === 'flatten' ? stages[stage - 2].shape : null
  const name = (unit: number) => {
    if (!maps) return `unit ${unit}`
    const [, height, width] = maps
    return `map ${Math.floor(unit / (height * width))}, row ${Math.floor(unit / width) % height}, column ${unit % width}`
  }
  const row = (label: string, value: string, weight: string, product: number) => {
    const bar = h('span', { class: `share ${product < 0 ? 'against' : 'for'}` })
    bar.style.width = `${Math.min(50, (50 * Math.abs(product)) / most)}%`
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, label),
      h('td', { class: 'number' }, value),
      h('td', { class: 'number' }, weight),
      h('td', { class: 'number' }, short(product)),
      h('td', { class: 'share-room', 'aria-hidden': 'true' }, bar),
    )
  }
  const others = terms.length - largest.length
  return [
    h(
      'table',
      { class: 'terms' },
      h('caption', {}, `The ${largest.length} largest of ${count(terms.length)} products`),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['input', 'value', 'weight', 'product'].map((one) => h('th', { scope: 'col' }, one)),
          h('td'),
        ),
      ),
      h(
        'tbody',
        {},
        ...largest.map(({ value, weight, product, from }) =>
          row(name(from.channel), short(value), short(weight), product),
        ),
        ...(others > 0 ? [row(`${count(others)} others`, '', '', rest)] : []),
        row('bias', '', '', bias),
      ),
      h(
        'tfoot',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, 'sum'),
          h('td'),
          h('td'),
          h('td', { class: 'number' }, h('strong', {}, short(sum))),
          h('td'),
        ),
      ),
    ),
  ]
}

/** The squared distance between 84 units and the bitmap of a class. */
export function bitmap({ terms, sum }: Products, colours: Palette): HTMLElement[] {
  const scale: Scale = { kind: 'diverging', low: -1.72, high: 1.72 }
  const squares = terms.map(({ value, weight }) => (value - weight) ** 2)
  const far: Scale = { kind: 'sequential', low: 0, high: Math.max(...squares) || 1 }
  const grid = (values: number[], title: string, its = scale) =>
    numberGrid(values, 7, its, colours, { title, numbers: false })
  return [
    h(
      'div',
      { class: 'sum' },
      grid(
        terms.map(({ value }) => value),
        'the 84 units',
      ),
      h('span', { class: 'sign' }, '−'),
      grid(
        terms.map(({ weight }) => weight),
        'the class’s bitmap',
      ),
      h('span', { class: 'sign' }, '→'),
      grid(squares, 'squared differences', far),
    ),
    h('p', { class: 'formula' }, `minus the sum of ${terms.length} squares = `, h('strong', {}, short(sum))),
  ]
}
