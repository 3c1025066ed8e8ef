import type { Artifact } from '../../network/artifact.ts'
import { h, percent, short } from '../../parts/dom.ts'
import type { Look } from '../../parts/look.ts'
import { activity } from './words.ts'

const WORDS =
  'Backpropagation multiplies a gradient by the slope of every activation on its way. The slope of a sigmoid ' +
  'is at most 0.25, and almost 0 where the unit is saturated. The slope of a ReLU is 1, or 0 where the unit ' +
  'is inactive.'

/** Compare the activations of two networks: units with a slope close to 0, and the product of all mean slopes. */
export function slopes(
  networks: readonly { readonly artifact: Artifact; readonly look: Look }[],
): HTMLElement[] {
  const columns = networks.map(({ artifact, look }) => ({
    name: artifact.name,
    all: look.stages.map(activity).filter((one) => one !== null),
  }))
  const rows = Math.max(...columns.map(({ all }) => all.length))
  const head = (text: string) => h('th', { scope: 'col' }, text)
  const side = (text: string) => h('th', { scope: 'row' }, text)
  const number = (text: string) => h('td', { class: 'number' }, text)
  const row = (k: number) =>
    columns.flatMap(({ all }) => [
      number(all[k] ? `${percent(all[k].flat, 0)} ${all[k].word}` : ''),
      number(all[k] ? short(all[k].slope) : ''),
    ])
  const left = columns.flatMap(({ all }) => [
    h('td'),
    number(short(all.reduce((rest, one) => rest * one.slope, 1))),
  ])
  const table = h(
    'table',
    { class: 'table', 'data-test': 'slopes' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        head('Activation'),
        ...columns.flatMap(({ name }) => [head(`${name}: slope near 0`), head('mean slope')]),
      ),
    ),
    h('tbody', {}, ...Array.from({ length: rows }, (_, k) => h('tr', {}, side(String(k + 1)), ...row(k)))),
    h('tfoot', {}, h('tr', {}, side('product of the slopes'), ...left)),
  )
  return [
    h('h2', {}, 'Activations compared'),
    h('p', { class: 'soft' }, WORDS),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Table of activations' },
      table,
    ),
  ]
}
