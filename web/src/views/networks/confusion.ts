import { h } from '../../parts/dom.ts'

/**
 * How often each class was named as each other: a cell opens its images. Where there is little room
 * the style sheet shows names above the columns only, and before the rows the names' numbers.
 */
export function confusionTable(
  confusion: readonly (readonly number[])[], classes: readonly string[], open: (truth: number, label: number) => void,
): HTMLElement {
  return h(
    'div',
    { class: 'scroll confusion-room', tabindex: 0, role: 'group', 'aria-label': 'Confusion matrix' },
    h(
      'table',
      { class: classes.every((name) => name.length < 3) ? 'confusion short' : 'confusion', style: `--classes: ${classes.length}`, 'data-test': 'confusion' },
      h('caption', { class: 'soft' }, 'Rows: what it is. Columns: what it was named. A number opens its images.'),
      h('thead', {}, h('tr', {}, h('td'), ...classes.map((name, k) => h('th', { scope: 'col' }, h('span', {}, number(k), name))))),
      h(
        'tbody',
        {},
        ...confusion.map((row, truth) => {
          const all = row.reduce((a, b) => a + b, 0)
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, number(truth), h('span', { class: 'name' }, classes[truth])),
            ...row.map((images, label) => cell(images, all, truth, label, classes, open)),
          )
        }),
      ),
    ),
  )
}

function number(place: number): HTMLElement {
  return h('span', { class: 'place', 'aria-hidden': 'true' }, `${place + 1} `)
}

function cell(
  images: number, all: number, truth: number, label: number, classes: readonly string[],
  open: (truth: number, label: number) => void,
): HTMLElement {
  if (!images) return h('td', { class: 'none' }, '·')
  const right = truth === label
  const what = right ? `${classes[truth]}, named rightly` : `${classes[truth]}, named ${classes[label]}`
  const button = h(
    'button',
    { type: 'button', 'aria-label': `${what}: ${images} images`, 'data-test': `cell-${truth}-${label}`, onclick: () => open(truth, label) },
    String(images),
  )
  // A few per cent of mistakes must be seen beside nine tenths of right answers.
  const strength = right ? (images / all) * 45 : Math.min(46, 160 * Math.sqrt(images / all))
  button.style.background = `color-mix(in srgb, var(${right ? '--c0' : '--c1'}) ${strength.toFixed(0)}%, transparent)`
  return h('td', {}, button)
}
