import type { Artifact } from '../../network/artifact.ts'
import { h, percent, short } from '../../parts/dom.ts'
import type { Look } from '../../parts/look.ts'
import { activity } from './words.ts'

const WORDS =
  'A gradient on its way back is multiplied by the slope of every activation it passes. A sigmoid is ' +
  'never steeper than a quarter, and almost flat where it is saturated; a ReLU lets all of it ' +
  'through, or nothing.'

/** Two networks' activations side by side: how many units are flat, and what is left of a gradient. */
export function slopes(
  contestants: readonly { readonly artifact: Artifact; readonly look: Look }[],
): HTMLElement[] {
  const columns = contestants.map(({ artifact, look }) => ({
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
        ...columns.flatMap(({ name }) => [head(`${name}: flat units`), head('mean slope')]),
      ),
    ),
    h('tbody', {}, ...Array.from({ length: rows }, (_, k) => h('tr', {}, side(String(k + 1)), ...row(k)))),
    h('tfoot', {}, h('tr', {}, side('all slopes multiplied'), ...left)),
  )
  return [
    h('h2', {}, 'Then and now'),
    h('p', { class: 'soft' }, WORDS),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Activations side by side' },
      table,
    ),
  ]
}
