import { h, percent, short, svg } from './dom.ts'

/** One line of a chart: points [x, y], x rising. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
  /** One of the six colours of the style sheet, 0 to 5; by default the index of the series. */
  readonly colour?: number
  readonly dashed?: boolean
}

/** A line chart that can be updated. */
export interface Chart {
  readonly element: HTMLElement
  /** Show these lines. The x axis ends at `xMax`, or where the options or the data say. */
  update(series: readonly Series[], xMax?: number): void
}

/** Title, names of the axes, and bounds of a chart. The x axis shows epochs. */
export interface ChartOptions {
  readonly title: string
  readonly x: string
  readonly y: string
  /** Fixed bounds; a bound that is not given follows the data. */
  readonly xMin?: number
  readonly xMax?: number
  readonly yMin?: number
  readonly yMax?: number
  /** Show y values, 0 to 1, as percentages. */
  readonly asPercent?: boolean
}

const WIDTH = 520
const HEIGHT = 260
const LEFT = 52
const RIGHT = 12
const TOP = 12
const BOTTOM = 38

/** Make an empty chart. */
export function chart(options: ChartOptions): Chart {
  const { title, asPercent = false } = options
  const plot = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': title })
  const legend = h('ul', { class: 'chart-legend' })
  const readout = h('p', { class: 'chart-readout', 'aria-hidden': 'true' })
  const element = h('figure', { class: 'chart' }, h('figcaption', {}, title), plot, legend, readout)
  let shown: readonly Series[] = []
  let toX = (value: number) => value
  let fromX = (place: number) => place

  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect()
    point(fromX(((event.clientX - box.left) / box.width) * WIDTH))
  })
  plot.addEventListener('pointerleave', () => point(null))

  function point(x: number | null): void {
    const guide = plot.querySelector('.guide')
    const parts: string[] = []
    let at: number | null = null
    if (x !== null) {
      for (const { name, points } of shown) {
        const near = nearest(points, x)
        if (!near) continue
        at ??= near[0]
        parts.push(`${name} ${asPercent ? percent(near[1]) : short(near[1])}`)
      }
    }
    guide?.setAttribute('visibility', at === null ? 'hidden' : 'visible')
    if (at !== null) for (const end of ['x1', 'x2']) guide?.setAttribute(end, String(toX(at)))
    readout.textContent = at === null ? '' : `${options.x} ${short(at)}: ${parts.join(', ')}`
  }

  return {
    element,
    update(series, xMax = options.xMax) {
      shown = series
      const all = series.flatMap((one) => one.points)
      const [x0, x1] = range(
        all.map(([x]) => x),
        options.xMin,
        xMax,
      )
      const [y0, y1] = range(
        all.map(([, y]) => y),
        options.yMin,
        options.yMax,
      )
      toX = (value) => LEFT + ((value - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT)
      fromX = (place) => x0 + ((place - LEFT) / (WIDTH - LEFT - RIGHT)) * (x1 - x0)
      const toY = (value: number) => HEIGHT - BOTTOM - ((value - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM)
      // Fractions of an epoch are shown only on an axis of less than two epochs.
      const wholeEpochs = x1 - x0 >= 2 || all.every(([x]) => Number.isInteger(x))
      const place = (value: number) => value.toFixed(1)
      plot.replaceChildren(
        ...ticks(y0, y1, 5).flatMap((tick) => [
          svg('line', {
            class: 'grid',
            x1: LEFT,
            x2: WIDTH - RIGHT,
            y1: place(toY(tick)),
            y2: place(toY(tick)),
          }),
          svg(
            'text',
            { class: 'tick', x: LEFT - 8, y: place(toY(tick) + 4), 'text-anchor': 'end' },
            asPercent ? `${tickWords(100 * tick)}%` : tickWords(tick),
          ),
        ]),
        ...ticks(x0, x1, 7, wholeEpochs ? 1 : 0).map((tick) =>
          svg(
            'text',
            { class: 'tick', x: place(toX(tick)), y: HEIGHT - BOTTOM + 18, 'text-anchor': 'middle' },
            tickWords(tick),
          ),
        ),
        svg('text', { class: 'axis', x: WIDTH - RIGHT, y: HEIGHT - 4, 'text-anchor': 'end' }, options.x),
        svg('text', { class: 'axis', x: LEFT + 6, y: TOP + 8 }, options.y),
        svg('line', { class: 'guide', x1: 0, x2: 0, y1: TOP, y2: HEIGHT - BOTTOM, visibility: 'hidden' }),
        ...series.map((one, k) =>
          one.points.length === 1
            ? svg('circle', {
                class: `dot colour-${one.colour ?? k % 6}`,
                cx: place(toX(one.points[0]![0])),
                cy: place(toY(one.points[0]![1])),
                r: 3,
              })
            : svg('polyline', {
                class: `line colour-${one.colour ?? k % 6}${one.dashed ? ' dashed' : ''}`,
                points: one.points.map(([x, y]) => `${place(toX(x))},${place(toY(y))}`).join(' '),
              }),
        ),
      )
      legend.replaceChildren(
        ...series.map((one, k) =>
          h('li', { class: `colour-${one.colour ?? k % 6}${one.dashed ? ' dashed' : ''}` }, one.name),
        ),
      )
    },
  }
}

function range(values: readonly number[], least?: number, most?: number): [number, number] {
  const finite = values.filter(Number.isFinite)
  const low = least ?? (finite.length ? finite.reduce((a, b) => Math.min(a, b)) : 0)
  const high = most ?? (finite.length ? finite.reduce((a, b) => Math.max(a, b)) : 1)
  return high > low ? [low, high] : [low, low + 1]
}

/** Round numbers from `low` to `high`, about `most` of them, no closer than `closest`. */
export function ticks(low: number, high: number, most: number, closest = 0): number[] {
  const rough = Math.max((high - low) / most, closest)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10)
  const found: number[] = []
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    found.push(Number((k * step).toPrecision(12)))
  }
  return found
}

/** The shortest text for a tick: 0.5, 1, 20. */
export function tickWords(tick: number): string {
  const size = Math.abs(tick)
  if (size >= 1e5 || size < 1e-4) return short(tick)
  // Rounding removes the error of binary fractions: 100 × 0.07 is 7.000000000000001.
  return String(Number(tick.toPrecision(12))).replace('-', '−')
}

function nearest(points: Series['points'], x: number): readonly [number, number] | null {
  let best: readonly [number, number] | null = null
  for (const one of points) {
    if (!best || Math.abs(one[0] - x) < Math.abs(best[0] - x)) best = one
  }
  return best
}
