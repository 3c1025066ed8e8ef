import type { Artifact } from '../../network/artifact.ts'
import { layerCosts } from '../../network/shapes.ts'
import { count, h } from '../../parts/dom.ts'
import { kindOf, parameterArithmetic, shapeArithmetic, shapeOf } from './words.ts'

/** A table of all layers: output shapes and costs, with the arithmetic behind them. */
export function layerTable(artifact: Artifact): HTMLElement {
  const costs = layerCosts(artifact)
  const total = (key: 'parameters' | 'multiplyAccumulates') =>
    count(costs.reduce((sum, one) => sum + one[key], 0))
  const number = (text: string) => h('td', { class: 'number' }, text)
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Table of layers' },
    h(
      'table',
      { class: 'table', 'data-test': 'layers' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['Layer', '', 'Shape', 'Why this shape', 'Parameters', 'Multiply-accumulates'].map((text) =>
            text ? h('th', { scope: 'col' }, text) : h('td'),
          ),
        ),
      ),
      h(
        'tbody',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, 'image'),
          h('td'),
          number(shapeOf(artifact.inputShape)),
          h('td'),
          h('td'),
          h('td'),
        ),
        ...costs.map((cost) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, cost.layer.name),
            h('td', {}, kindOf(cost.layer)),
            number(shapeOf(cost.outputShape)),
            number(shapeArithmetic(cost)),
            number(cost.parameters ? parameterArithmetic(cost) : ''),
            number(cost.multiplyAccumulates ? count(cost.multiplyAccumulates) : ''),
          ),
        ),
      ),
      h(
        'tfoot',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, 'all'),
          h('td'),
          h('td'),
          h('td'),
          number(total('parameters')),
          number(total('multiplyAccumulates')),
        ),
      ),
    ),
  )
}
