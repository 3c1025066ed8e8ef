import type { Artifact } from '../../network/artifact.ts'
import { layerCosts, products, receptiveField } from '../../network/shapes.ts'
import { count, h, short } from '../../parts/dom.ts'
import type { Look } from '../../parts/look.ts'
import { gradient, scaleFor } from '../../parts/maps.ts'
import { bigMap } from './big-map.ts'
import { computation } from './computation.ts'
import type { Spot } from './types.ts'
import { kindOf, parameterArithmetic, shapeArithmetic, shapeOf, story } from './words.ts'

/** The panel of one unit: its place, its receptive field, and how its value is computed. */
export interface UnitPanel {
  readonly element: HTMLElement
  show(artifact: Artifact, look: Look, spot: Spot): void
  /** The unit and its value, in one line. */
  readonly summary: string
  /** True while the animation runs over the feature map. */
  readonly walking: boolean
  /** Stop the animation and show the whole feature map. */
  settle(): void
}

/** The duration of the animation, whatever the size of the feature map. */
const WALK_SECONDS = 14

/** Make the panel; `go` is called with the next unit. */
export function unitPanel(go: (spot: Spot, picked: boolean) => void): UnitPanel {
  const title = h('h2', { 'data-test': 'unit-title' })
  const where = h('p', { class: 'soft', 'data-test': 'unit-where' })
  const words = h('p', {})
  const facts = h('dl', { class: 'facts' })
  const source = bigMap('source')
  const result = bigMap('result', (row, column) => pick({ ...spot!, row, column }))
  const making = h('div', { class: 'making', 'data-test': 'making' })
  const legend = h('p', { class: 'legend' })
  const play = h('button', {
    type: 'button',
    class: 'primary',
    'data-test': 'play',
    onclick: () => (timer ? hold() : walk()),
  })
  const back = h(
    'button',
    { type: 'button', 'data-test': 'step-back', 'aria-label': 'Previous cell', onclick: () => advance(-1) },
    '◂',
  )
  const next = h(
    'button',
    { type: 'button', 'data-test': 'step', 'aria-label': 'Next cell', onclick: () => advance(1) },
    '▸',
  )
  const controls = h('div', { class: 'row walk' }, back, play, next)
  const element = h(
    'section',
    { class: 'card unit-panel', 'aria-label': 'Selected unit', 'data-test': 'unit-panel' },
    h('div', { class: 'unit-words' }, title, where, words, facts, legend),
    h(
      'div',
      { class: 'unit-made' },
      h('div', { class: 'unit-flow' }, source.element, making, result.element),
      controls,
    ),
  )
  let artifact: Artifact | null = null
  let look: Look | null = null
  let spot: Spot | null = null
  let from: number | null = null
  let walking = false
  let timer = 0

  function pick(to: Spot): void {
    self.settle()
    go(to, true)
  }

  function hold(): void {
    cancelAnimationFrame(timer)
    timer = 0
    label()
    if (spot) go(spot, true)
  }

  function label(): void {
    play.textContent = timer ? 'Pause' : walking ? 'Continue' : 'Play, cell by cell'
  }

  function cells(): number {
    const [, height = 1, width = 1] = look!.stages[spot!.stage].shape
    return height * width
  }

  function index(): number {
    const [, , width = 1] = look!.stages[spot!.stage].shape
    return spot!.row * width + spot!.column
  }

  function moveTo(place: number): void {
    const [, , width = 1] = look!.stages[spot!.stage].shape
    walking = true
    go({ ...spot!, row: Math.floor(place / width), column: place % width }, false)
  }

  function advance(by: number): void {
    cancelAnimationFrame(timer)
    timer = 0
    moveTo((index() + by + cells()) % cells())
    label()
    go(spot!, true)
  }

  function walk(): void {
    let place = walking && index() < cells() - 1 ? index() : 0
    let before = performance.now()
    const frame = (now: number) => {
      place = Math.min(cells() - 1, place + ((now - before) / 1000) * (cells() / WALK_SECONDS))
      before = now
      timer = requestAnimationFrame(frame)
      moveTo(Math.floor(place))
      if (Math.floor(place) < cells() - 1) return
      self.settle()
      go(spot!, true)
    }
    moveTo(place)
    timer = requestAnimationFrame(frame)
    label()
  }

  function draw(): void {
    const { stages } = look!
    const { stage: k, channel, row, column } = spot!
    const stage = stages[k]
    const { layer } = stage
    const cost = k ? layerCosts(artifact!)[k - 1] : null
    const isMap = stage.shape.length === 3
    const value = products(artifact!, stages, k, channel, row, column).sum
    const last = k === stages.length - 1
    title.textContent = `${stage.name}: ${kindOf(layer)}`
    const place = isMap
      ? `feature map ${channel}, row ${row}, column ${column}`
      : last
        ? `class ${artifact!.classes[channel]}`
        : `unit ${channel}`
    where.textContent = `${place}; value ${short(value)}`
    words.textContent = cost ? story(cost) : 'The picture after preprocessing, as numbers.'
    const field = receptiveField(artifact!, k, row, column)
    const [, height, width] = artifact!.inputShape
    const whole = field && field.height === height && field.width === width
    facts.replaceChildren(
      ...fact('Shape', cost ? shapeArithmetic(cost) : shapeOf(stage.shape)),
      ...(cost ? fact('Parameters', parameterArithmetic(cost)) : []),
      ...(cost?.multiplyAccumulates
        ? fact('Multiply-accumulates', count(cost.multiplyAccumulates))
        : []),
      ...(k
        ? fact(
            'Receptive field',
            whole
              ? 'the whole image'
              : field
                ? `${field.height} × ${field.width} pixels`
                : 'only padding',
          )
        : []),
    )
    const shown = computation(artifact!, stages, spot!, from, (map) => {
      from = map
      draw()
    })
    making.replaceChildren(...shown.parts)
    const before = stages[k - 1]
    const windowed =
      layer?.layer === 'convolution' || layer?.layer === 'pooling' || layer?.layer === 'subsampling'
    source.element.hidden = !before || before.shape.length !== 3 || shown.from === null
    result.element.hidden = !isMap || !before
    controls.hidden = !windowed || cells() === 1
    if (!source.element.hidden) {
      source.show(before, shown.from!, `${before.name}, map ${shown.from}`)
      const [stride, padding, side] =
        layer?.layer === 'convolution'
          ? [layer.stride, layer.padding, layer.kernel]
          : windowed
            ? [(layer as { size: number }).size, 0, (layer as { size: number }).size]
            : [1, layer?.layer === 'padding' ? layer.size : 0, 1]
      source.frame(row * stride - padding, column * stride - padding, side, side)
    }
    if (!result.element.hidden) {
      result.show(stage, channel, `${stage.name}, map ${channel}`, walking ? index() : Infinity)
      result.frame(row, column, 1, 1)
    }
    const { kind, low, high } = scaleFor(stage.values)
    const strip = h('span', { class: 'legend-strip' })
    strip.style.background = gradient(kind)
    legend.replaceChildren(
      'Colours: ',
      h('span', { class: 'number' }, short(low)),
      strip,
      h('span', { class: 'number' }, short(high)),
    )
    label()
  }

  const self: UnitPanel = {
    element,
    show(nextArtifact, nextLook, nextSpot) {
      if (artifact !== nextArtifact || spot?.stage !== nextSpot.stage || spot.channel !== nextSpot.channel) {
        from = null
        self.settle()
      }
      ;[artifact, look, spot] = [nextArtifact, nextLook, nextSpot]
      draw()
    },
    get summary() {
      return `${look?.stages[spot?.stage ?? 0].name ?? ''}, ${where.textContent?.replace('; value', ':')}`
    },
    get walking() {
      return timer !== 0
    },
    settle() {
      cancelAnimationFrame(timer)
      timer = 0
      walking = false
    },
  }
  return self
}

function fact(name: string, value: string): HTMLElement[] {
  return [h('dt', {}, name), h('dd', { class: 'number' }, value)]
}
