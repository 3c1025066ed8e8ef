import type { Artifact } from '../../network/artifact.ts'
import { layerCosts, type LayerCost } from '../../network/shapes.ts'
import { count, h, percent, short } from '../../parts/dom.ts'

const PICTURES: Readonly<Record<Artifact['pictures'], string>> = {
  digits: 'handwritten digits',
  clothing: 'articles of clothing',
  numbers: 'handwritten numbers',
  plain: 'pictures, scaled to its size',
}

/** What a network is and where it came from: names and values. */
export function facts(artifact: Artifact, metrics: Readonly<{ [key: string]: unknown }>): [string, string][] {
  const { origin, inputShape, calibration } = artifact
  const recipe = (origin['recipe'] ?? {}) as Readonly<{ [key: string]: unknown }>
  const costs = layerCosts(artifact)
  const sum = (of: (cost: LayerCost) => number) => count(costs.reduce((all, one) => all + of(one), 0))
  const [channels, height, width] = inputShape
  const rows: [string, string | null][] = [
    ['reads', `${PICTURES[artifact.pictures]}, ${height}\u00a0×\u00a0${width}${channels === 1 ? '' : `\u00a0×\u00a0${channels}`}`],
    ['classes', artifact.classes.length > 12 ? `${artifact.classes.length}: ${artifact.classes.slice(0, 8).join(', ')}, …` : artifact.classes.join(', ')],
    ['parameters', sum((cost) => cost.parameters)],
    ['asked together with', artifact.beside ? `${artifact.beside} more network${artifact.beside > 1 ? 's' : ''}` : null],
    ['multiply-adds', sum((cost) => cost.multiplyAccumulates)],
    ['trained on', words(origin['data'])],
    ['recipe', words(recipe['name'])],
    ['epochs', words(metrics['epochs'] ?? recipe['epochs'])],
    ['batch size', words(recipe['batch_size'])],
    ['learning rate', words(recipe['learning_rate'])],
    ['seed', words(origin['seed'])],
    ['engine', words(metrics['engine'])],
    ['training took', typeof metrics['train_seconds'] === 'number' ? `${short(metrics['train_seconds'])} s` : null],
    ['speed', typeof metrics['examples_per_second'] === 'number' ? `${count(metrics['examples_per_second'])} images a second` : null],
    ['calibrated', calibration.temperature === null ? 'no: its probabilities are the raw softmax' : `temperature ${short(calibration.temperature)}`],
    ['made', words(origin['date'])?.slice(0, 10) ?? null],
  ]
  return rows.filter((row): row is [string, string] => row[1] !== null)
}

function words(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

/** One layer in a few words. */
export function layerWords({ layer }: LayerCost): string {
  switch (layer.layer) {
    case 'convolution': {
      const more = [layer.stride > 1 ? `stride ${layer.stride}` : '', layer.padding ? `padding ${layer.padding}` : '', layer.table ? 'by a table' : '']
      return [`convolution ${layer.kernel} × ${layer.kernel}`, ...more.filter(Boolean)].join(', ')
    }
    case 'residual':
      return 'two convolutions 3 × 3, shortcut' + (layer.rows * layer.columns > 1 ? `, largest of ${layer.rows} × ${layer.columns}` : '')
    case 'pooling':
      return `${layer.kind} pooling ${layer.size} × ${layer.size}`
    case 'subsampling':
      return `subsampling ${layer.size} × ${layer.size}`
    case 'activation':
      return layer.kind.replace('relu', 'ReLU')
    case 'linear':
      return 'fully connected'
    case 'radial basis':
      return 'Gaussian connections'
    default:
      return layer.layer
  }
}

/** Every layer with its shape and counts. */
export function layerTable(artifact: Artifact): HTMLElement {
  const number = (value: number) => h('td', { class: 'number' }, value ? count(value) : '–')
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Layers' },
    h(
      'table',
      { class: 'table', 'data-test': 'layers' },
      h('thead', {}, h('tr', {}, ...['name', 'layer', 'output', 'parameters', 'multiply-adds'].map((name, k) => h('th', { scope: 'col', class: k > 1 ? 'number' : '' }, name)))),
      h(
        'tbody',
        {},
        ...layerCosts(artifact).map((cost) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, cost.layer.name),
            h('td', {}, layerWords(cost)),
            h('td', { class: 'number' }, cost.outputShape.join(' × ')),
            number(cost.parameters),
            number(cost.multiplyAccumulates),
          ),
        ),
      ),
    ),
  )
}

/** A share for a table; null where there is nothing to divide by. */
export function share(value: number | null): string {
  return value === null ? '–' : percent(value)
}
