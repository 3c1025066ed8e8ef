import { count, h } from '../../parts/dom.ts'

/** How often each class was named as each other: a cell opens its images. */
export function confusionTable(
  confusion: readonly (readonly number[])[], classes: readonly string[], open: (truth: number, label: number) => void,
): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Confusion matrix' },
    h(
      'table',
      { class: classes.every((name) => name.length < 3) ? 'confusion short' : 'confusion', 'data-test': 'confusion' },
      h('caption', { class: 'visually-hidden' }, 'Rows: what an image is. Columns: what it was named.'),
      h('thead', {}, h('tr', {}, h('td', { class: 'corner' }, 'is ↓ named →'), ...classes.map((name) => h('th', { scope: 'col' }, h('span', {}, name))))),
      h(
        'tbody',
        {},
        ...confusion.map((row, truth) => {
          const all = row.reduce((a, b) => a + b, 0)
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, classes[truth]),
            ...row.map((images, label) => cell(images, all, truth, label, classes, open)),
          )
        }),
      ),
    ),
  )
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
    { type: 'button', 'aria-label': `${what}: ${count(images)} images`, 'data-test': `cell-${truth}-${label}`, onclick: () => open(truth, label) },
    count(images),
  )
  // A few per cent of mistakes must be seen beside nine tenths of right answers.
  const strength = right ? (images / all) * 45 : Math.min(46, 160 * Math.sqrt(images / all))
  button.style.background = `color-mix(in srgb, var(${right ? '--c0' : '--c1'}) ${strength.toFixed(0)}%, transparent)`
  return h('td', {}, button)
}
