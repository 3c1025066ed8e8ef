import type { NetworkInput } from '../../network/answer.ts'
import type { Artifact } from '../../network/artifact.ts'
import { h } from '../../parts/dom.ts'
import { look, shifted, type Shift } from '../../parts/look.ts'

/** A table of the answers for all places of the drawing. */
export interface Shifts {
  readonly element: HTMLElement
  /** Compute the answers for the centred image, null if nothing is drawn; `at` is the current shift. */
  update(artifact: Artifact, centred: NetworkInput | null, at: Shift): void
  stop(): void
}

/** Pixels in each direction. MNIST has a border of four pixels, so a shift by six cuts a part of the digit off. */
const REACH = 6
const SIDE = 2 * REACH + 1
/** Milliseconds of work until the page may draw again. */
const SLICE_MS = 8
/** Milliseconds without a change until the computation starts. */
const PAUSE_MS = 120

/** Make the table; `go` is called with the shift that was clicked. */
export function shifts(go: (shift: Shift) => void): Shifts {
  const cells = Array.from({ length: SIDE * SIDE }, (_, k) =>
    h('span', {
      class: 'shift',
      onclick: () => go({ x: (k % SIDE) - REACH, y: Math.floor(k / SIDE) - REACH }),
    }),
  )
  const grid = h(
    'div',
    { class: 'shifts', role: 'img', 'aria-label': 'The answer for each place', 'data-test': 'shifts' },
    ...cells,
  )
  const summary = h('p', { class: 'shifts-summary', 'data-test': 'shifts-summary' })
  const element = h('div', { class: 'stack' }, grid, summary)
  let timer = 0

  function compute(artifact: Artifact, centred: NetworkInput): void {
    const home = look(artifact, centred).answer.label
    let same = 0
    let k = 0
    const slice = () => {
      const until = performance.now() + SLICE_MS
      for (; k < cells.length && performance.now() < until; k++) {
        const shift = { x: (k % SIDE) - REACH, y: Math.floor(k / SIDE) - REACH }
        const { answer } = look(artifact, { ...centred, image: shifted(centred.image, artifact.inputShape, shift) })
        if (answer.label === home) same++
        cells[k].textContent = answer.label.slice(0, 1)
        cells[k].title = `${answer.label}, ${(100 * answer.probability).toFixed(0)}%`
        cells[k].dataset['kind'] = answer.label !== home ? 'other' : answer.rejected ? 'unsure' : 'same'
      }
      if (k < cells.length) {
        timer = window.setTimeout(slice, 0)
        return
      }
      summary.textContent = `The answer stays ${home} in ${same} of ${cells.length} places, up to ${REACH} pixels each way.`
      grid.setAttribute('aria-label', summary.textContent)
    }
    slice()
  }

  return {
    element,
    update(artifact, centred, at) {
      clearTimeout(timer)
      const here = (at.y + REACH) * SIDE + at.x + REACH
      const within = Math.abs(at.x) <= REACH && Math.abs(at.y) <= REACH
      cells.forEach((cell, k) => cell.classList.toggle('here', within && k === here))
      if (centred) timer = window.setTimeout(() => compute(artifact, centred), PAUSE_MS)
      else {
        for (const cell of cells) {
          cell.textContent = ''
          delete cell.dataset['kind']
        }
        summary.textContent = 'Draw a digit first.'
        grid.setAttribute('aria-label', 'Nothing is drawn')
      }
    },
    stop: () => clearTimeout(timer),
  }
}
