// The computation of units that read a window of the input maps: convolution and pooling.

import type { Stage } from '../../network/forward.ts'
import type { Pooling, Subsampling } from '../../network/layers.ts'
import type { Products, Term } from '../../network/shapes.ts'
import { h, short } from '../../parts/dom.ts'
import { numberGrid } from '../../parts/grid.ts'
import { scaleFor, type Palette, type Scale } from '../../parts/maps.ts'
import type { Computation } from './types.ts'

/** Patch times kernel, summed over the input maps: one of them in full, the others by their sums. */
export function convolution(
  { terms, bias, sum }: Products,
  kernel: number,
  before: Stage,
  from: number | null,
  colours: Palette,
  choose: (map: number) => void,
): Computation {
  const byMap = new Map<number, Term[]>()
  for (const term of terms) byMap.set(term.from.channel, [...(byMap.get(term.from.channel) ?? []), term])
  const totals = [...byMap].map(([map, all]) => ({
    map,
    total: all.reduce((t, { value, weight }) => t + value * weight, 0),
  }))
  const strongest = totals.reduce(
    (best, one) => (Math.abs(one.total) > Math.abs(best.total) ? one : best),
    totals[0],
  )
  const shown = totals.find(({ map }) => map === from) ?? strongest
  const here = byMap.get(shown.map)!
  const products = here.map(({ value, weight }) => value * weight)
  const all = terms.map(({ value, weight }) => value * weight)
  const weights = diverging(terms.map(({ weight }) => weight))
  const parts = [
    h(
      'div',
      { class: 'sum' },
      numberGrid(
        here.map(({ value }) => value),
        kernel,
        scaleFor(before.values),
        colours,
        { title: 'patch', numbers: true },
      ),
      h('span', { class: 'sign' }, '×'),
      numberGrid(
        here.map(({ weight }) => weight),
        kernel,
        weights,
        colours,
        { title: 'kernel', numbers: true },
      ),
      h('span', { class: 'sign' }, '='),
      numberGrid(products, kernel, diverging(all), colours, {
        title: `products, sum ${short(shown.total)}`,
        numbers: true,
      }),
    ),
  ]
  if (totals.length > 1) {
    const most = Math.max(...totals.map(({ total }) => Math.abs(total)))
    parts.push(
      h(
        'div',
        { class: 'totals', role: 'group', 'aria-label': 'Sum of the products of each input map' },
        ...totals.map(({ map, total }) => {
          const bar = h('span', { class: `total-bar ${total < 0 ? 'against' : 'for'}` })
          bar.style.height = `${(100 * Math.abs(total)) / (most || 1)}%`
          return h(
            'button',
            {
              type: 'button',
              'aria-pressed': String(map === shown.map),
              'aria-label': `map ${map}: ${short(total)}`,
              onclick: () => choose(map),
            },
            h('span', { class: 'total-room' }, bar),
            h('span', {}, `map ${map}`),
            h('span', { class: 'number' }, short(total)),
          )
        }),
      ),
    )
  }
  const others = totals.length - 1
  const sums = others
    ? `${short(shown.total)} of map ${shown.map} + ${signed(sum - bias - shown.total)} of ${others} other ${others === 1 ? 'map' : 'maps'}`
    : `${short(shown.total)} from ${terms.length} products`
  parts.push(h('p', { class: 'formula' }, `${sums} + bias ${signed(bias)} = `, h('strong', {}, short(sum))))
  return { from: shown.map, parts }
}

/** The window of a pooling unit, and the formula of its value. */
export function pooling(
  layer: Pooling | Subsampling,
  { terms, bias, sum }: Products,
  before: Stage,
  colours: Palette,
): HTMLElement[] {
  const maximum = layer.kind === 'max' ? terms.findIndex(({ weight }) => weight === 1) : undefined
  const values = terms.map(({ value }) => value)
  const ring = maximum === undefined ? {} : { ring: maximum }
  const grid = numberGrid(values, layer.size, scaleFor(before.values), colours, {
    title: 'window',
    numbers: true,
    ...ring,
  })
  const list = values.map(short).join(', ')
  const formula =
    layer.layer === 'subsampling'
      ? `(${values.map(signed).join(' + ')}) · ${signed(terms[0].weight)} + bias ${signed(bias)} = `
      : layer.kind === 'max'
        ? `max(${list}) = `
        : `(${values.map(signed).join(' + ')}) / ${values.length} = `
  return [
    h('div', { class: 'sum' }, grid),
    h('p', { class: 'formula' }, formula, h('strong', {}, short(sum))),
  ]
}

/** A diverging scale up to the largest absolute value. */
function diverging(values: readonly number[]): Scale {
  const most = values.reduce((large, value) => Math.max(large, Math.abs(value)), 0) || 1
  return { kind: 'diverging', low: -most, high: most }
}

/** A number in a sum, with brackets if it is negative. */
function signed(value: number): string {
  return value < 0 ? `(${short(value)})` : short(value)
}
