import type { Artifact } from '../../network/artifact.ts'
import { h } from '../../parts/dom.ts'
import { paintMap, palette, scaleFor } from '../../parts/maps.ts'

/** The first layer's filters, painted anew as they change. */
export interface Filters {
  readonly element: HTMLElement
  update(artifact: Artifact): void
}

/** Make room for filters. */
export function filters(): Filters {
  const element = h('div', { class: 'filters', role: 'img', 'aria-label': 'The filters of the first layer', 'data-test': 'filters' })
  let canvases: HTMLCanvasElement[] = []
  show(6) // as the chapter has, until the first come

  function show(count: number): void {
    canvases = Array.from({ length: count }, () => h('canvas', { class: 'pixels' }))
    element.replaceChildren(...canvases)
  }

  return {
    element,
    update(artifact) {
      const weight = artifact.parameters.get('conv1.weight')!
      const [first] = artifact.layers
      const kernel = first?.layer === 'convolution' ? first.kernel : 5
      const count = weight.length / kernel ** 2
      if (canvases.length !== count) show(count)
      // One scale for all, and for both signs: zero is paper.
      const { low, high } = scaleFor(weight)
      const most = Math.max(-low, high)
      canvases.forEach((canvas, k) =>
        paintMap(canvas, weight, kernel, kernel, { kind: 'diverging', low: -most, high: most }, palette(), k * kernel ** 2),
      )
    },
  }
}
