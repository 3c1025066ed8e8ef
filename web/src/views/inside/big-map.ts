import { h } from '../../parts/dom.ts'
import { paintMap, palette, scaleFor } from '../../parts/maps.ts'
import type { Stage } from '../../network/forward.ts'

/** A large feature map, with a window over some of its cells. */
export interface BigMap {
  readonly element: HTMLElement
  /** Show a feature map; cells after `until` stay empty, as if they were not computed yet. */
  show(stage: Stage, channel: number, title: string, until?: number): void
  /** Place the window over these cells; some may lie outside the map. */
  frame(row: number, column: number, rows: number, columns: number): void
}

/** Make a large feature map; `pick` is called with the cell that was clicked. */
export function bigMap(kind: 'source' | 'result', pick?: (row: number, column: number) => void): BigMap {
  const canvas = h('canvas', { class: 'pixels', 'aria-hidden': 'true' })
  const window = h('div', { class: `big-window ${kind}` })
  const title = h('figcaption', {})
  const element = h('figure', { class: 'big' }, h('div', { class: 'big-map' }, canvas, window), title)
  let [height, width] = [1, 1]
  if (pick) {
    canvas.classList.add('pickable')
    canvas.addEventListener('click', (event) => {
      const box = canvas.getBoundingClientRect()
      const at = (share: number, size: number) => Math.max(0, Math.min(size - 1, Math.floor(share * size)))
      pick(
        at((event.clientY - box.top) / box.height, height),
        at((event.clientX - box.left) / box.width, width),
      )
    })
  }
  return {
    element,
    show({ shape, values }, channel, text, until = Infinity) {
      ;[, height = 1, width = 1] = shape
      const map = values.slice(channel * height * width, (channel + 1) * height * width)
      const scale = scaleFor(values)
      paintMap(canvas, map, width, height, scale, palette())
      if (until < map.length - 1) {
        const context = canvas.getContext('2d')!
        const row = Math.floor(until / width)
        context.clearRect(0, row + 1, width, height)
        context.clearRect((until % width) + 1, row, width, 1)
      }
      canvas.style.aspectRatio = `${width} / ${height}`
      title.textContent = text
    },
    frame(row, column, rows, columns) {
      const share = (value: number, size: number) => `${(100 * value) / size}%`
      window.style.left = share(column, width)
      window.style.top = share(row, height)
      window.style.width = share(columns, width)
      window.style.height = share(rows, height)
    },
  }
}
