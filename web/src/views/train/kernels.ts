import type { Artifact } from '../../network/artifact.ts'
import { h } from '../../parts/dom.ts'
import { paintMap, palette, scaleFor } from '../../parts/maps.ts'

/** A picture of the kernels of the first layer. */
export interface Kernels {
  readonly element: HTMLElement
  update(artifact: Artifact): void
}

/** Make the picture, without kernels yet. */
export function kernels(): Kernels {
  const element = h('div', { class: 'kernels', role: 'img', 'aria-label': 'The kernels of the first layer', 'data-test': 'kernels' })
  let canvases: HTMLCanvasElement[] = []
  show(6) // the number of the textbook's network, until the first weights arrive

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
      // All kernels share one diverging scale, so that zero has the colour of the background.
      const { low, high } = scaleFor(weight)
      const most = Math.max(-low, high)
      canvases.forEach((canvas, k) =>
        paintMap(canvas, weight, kernel, kernel, { kind: 'diverging', low: -most, high: most }, palette(), k * kernel ** 2),
      )
    },
  }
}
