import type { Artifact } from '../../network/artifact.ts'
import { layerCosts, type LayerCost } from '../../network/shapes.ts'
import { count, h, percent, short } from '../../parts/dom.ts'

const PICTURES: Readonly<Record<Artifact['pictures'], string>> = {
  digits: 'handwritten digits',
  clothing: 'articles of clothing',
  numbers: 'handwritten numbers',
  plain: 'pictures, scaled to the input size',
}

/** Facts about a network and its training: names and values. */
export function facts(artifact: Artifact, metrics: Readonly<Record<string, unknown>>): [string, string][] {
  const { origin, inputShape, calibration } = artifact
  const recipe = (origin['recipe'] ?? {}) as Readonly<Record<string, unknown>>
  const costs = layerCosts(artifact)
  const sum = (of: (cost: LayerCost) => number) => count(costs.reduce((all, one) => all + of(one), 0))
  const [channels, height, width] = inputShape
  const rows: [string, string | null][] = [
    ['input', `${PICTURES[artifact.pictures]}, ${height}\u00a0×\u00a0${width}${channels === 1 ? '' : `\u00a0×\u00a0${channels}`}`],
    ['classes', artifact.classes.length > 12 ? `${artifact.classes.length}: ${artifact.classes.slice(0, 8).join(', ')}, …` : artifact.classes.join(', ')],
    ['parameters', sum((cost) => cost.parameters)],
    ['ensemble', artifact.otherMembers ? `${artifact.otherMembers + 1} members; this is the first` : null],
    ['multiply-accumulates', sum((cost) => cost.multiplyAccumulates)],
    ['trained on', words(origin['data'])],
    ['recipe', words(recipe['name'])],
    ['epochs', words(metrics['epochs'] ?? recipe['epochs'])],
    ['batch size', words(recipe['batch_size'])],
    ['learning rate', words(recipe['learning_rate'])],
    ['seed', words(origin['seed'])],
    ['engine', words(metrics['engine'])],
    ['training time', typeof metrics['train_seconds'] === 'number' ? `${short(metrics['train_seconds'])} s` : null],
    ['training speed', typeof metrics['examples_per_second'] === 'number' ? `${count(metrics['examples_per_second'])} images per second` : null],
    ['temperature', calibration.temperature === null ? 'not fitted' : short(calibration.temperature)],
    ['date', words(origin['date'])?.slice(0, 10) ?? null],
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
      const more = [layer.stride > 1 ? `stride ${layer.stride}` : '', layer.padding ? `padding ${layer.padding}` : '', layer.table ? 'connection table' : '']
      return [`convolution ${layer.kernel} × ${layer.kernel}`, ...more.filter(Boolean)].join(', ')
    }
    case 'residual':
      return 'two convolutions 3 × 3, shortcut' + (layer.rows * layer.columns > 1 ? `, max pooling ${layer.rows} × ${layer.columns}` : '')
    case 'pooling':
      return `${layer.kind} pooling ${layer.size} × ${layer.size}`
    case 'subsampling':
      return `subsampling ${layer.size} × ${layer.size}`
    case 'activation':
      return layer.kind.replace('relu', 'ReLU')
    case 'linear':
      return 'fully connected'
    case 'radial basis':
      return 'distance to bitmaps'
    default:
      return layer.layer
  }
}

/** A table of all layers: output shapes and costs. */
export function layerTable(artifact: Artifact): HTMLElement {
  const number = (value: number) => h('td', { class: 'number' }, value ? count(value) : '–')
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Layers' },
    h(
      'table',
      { class: 'table', 'data-test': 'layers' },
      h('thead', {}, h('tr', {}, ...['name', 'layer', 'output', 'parameters', 'multiply-accumulates'].map((name, k) => h('th', { scope: 'col', class: k > 1 ? 'number' : '' }, name)))),
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

/** A percentage for a table, or a dash if there is none. */
export function share(value: number | null): string {
  return value === null ? '–' : percent(value)
}
