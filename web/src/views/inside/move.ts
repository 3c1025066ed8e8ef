import type { NetworkInput } from '../../network/answer.ts'
import type { Artifact } from '../../network/artifact.ts'
import { h } from '../../parts/dom.ts'
import type { Shift } from '../../parts/look.ts'
import { shifts } from './shifts.ts'

/** The card that moves the drawing and shows the answer at each place. */
export interface MoveCard {
  readonly element: HTMLElement
  /** `centred` is the centred image, null if nothing is drawn; `at` is the current shift. */
  update(artifact: Artifact, centred: NetworkInput | null, at: Shift, free: boolean): void
  stop(): void
}

/** The callbacks of the card. */
export interface Moves {
  /** Move the drawing by whole pixels of the input. */
  move(dx: number, dy: number): void
  /** Switch the centring of the drawing on or off. */
  centre(on: boolean): void
}

const ARROWS = [
  ['up', '↑', 0, -1],
  ['left', '←', -1, 0],
  ['right', '→', 1, 0],
  ['down', '↓', 0, 1],
] as const

/** Make the card. */
export function moveCard({ move, centre }: Moves): MoveCard {
  let at: Shift = { x: 0, y: 0 }
  const map = shifts((to) => move(to.x - at.x, to.y - at.y))
  const box = h('input', { type: 'checkbox', 'data-test': 'centre', onchange: () => centre(box.checked) })
  const where = h('p', { class: 'soft small', 'data-test': 'place' })
  const arrows = ARROWS.map(([name, sign, x, y]) =>
    h(
      'button',
      {
        type: 'button',
        class: `icon ${name}`,
        'aria-label': `Move the drawing ${name}`,
        'data-test': `move-${name}`,
        onclick: () => move(x, y),
      },
      sign,
    ),
  )
  const lead =
    'Move the drawing with the arrow keys or with these buttons, and watch the feature maps move. Each cell ' +
    'shows the answer for one place of the drawing. Click a cell to move the drawing there.'
  return {
    element: h(
      'section',
      { class: 'card move', 'aria-label': 'Move the drawing' },
      h(
        'div',
        { class: 'stack' },
        h('h2', {}, 'Move the drawing'),
        h('p', { class: 'lead' }, lead),
        h('label', { class: 'row' }, box, 'Centre the drawing'),
        where,
        h('div', { class: 'pad', role: 'group', 'aria-label': 'Move the drawing' }, ...arrows),
      ),
      map.element,
    ),
    update(artifact, centred, now, free) {
      at = now
      box.checked = !free
      where.textContent = free
        ? `The drawing is ${words(at)}. Its size is still normalised.`
        : 'Draw anywhere: the ink is moved to the middle before the network reads it.'
      map.update(artifact, centred, at)
    },
    stop: map.stop,
  }
}

function words({ x, y }: Shift): string {
  const one = (value: number, plus: string, minus: string) =>
    value ? `${Math.abs(value)} ${value > 0 ? plus : minus}` : ''
  const parts = [one(x, 'right', 'left'), one(y, 'down', 'up')].filter(Boolean)
  return parts.length ? `${parts.join(' and ')} of the middle, in pixels of the input` : 'in the middle'
}
