import type { Artifact } from '../../network/artifact.ts'
import { h } from '../../parts/dom.ts'
import type { Shift } from '../../parts/look.ts'
import { shifts } from './shifts.ts'

/** The card that moves the drawing, and shows what the answer makes of it. */
export interface MoveCard {
  readonly element: HTMLElement
  /** `centred`: the image in the middle, null where nothing is drawn. `at`: where it is now. */
  update(artifact: Artifact, centred: Uint8Array | null, at: Shift, free: boolean): void
  stop(): void
}

/** What the card asks for. */
export interface Moves {
  /** Move the drawing by so many pixels of the network. */
  move(dx: number, dy: number): void
  /** Whether the drawing is centred before the network sees it. */
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
    'Move the drawing, with the arrow keys on it or here, and the maps move along. How far does the ' +
    'answer hold? Each cell is the answer at that place; click one to go there.'
  return {
    element: h(
      'section',
      { class: 'card move', 'aria-label': 'Move it' },
      h(
        'div',
        { class: 'stack' },
        h('h2', {}, 'Move it'),
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
        ? `The drawing lies ${said(at)}. Its size is still the one the network knows.`
        : 'Wherever you draw, the network sees the same: the ink is moved to the middle first.'
      map.update(artifact, centred, at)
    },
    stop: map.stop,
  }
}

function said({ x, y }: Shift): string {
  const one = (value: number, plus: string, minus: string) =>
    value ? `${Math.abs(value)} ${value > 0 ? plus : minus}` : ''
  const parts = [one(x, 'right', 'left'), one(y, 'down', 'up')].filter(Boolean)
  return parts.length ? `${parts.join(' and ')} of the middle, in pixels of the network` : 'in the middle'
}
