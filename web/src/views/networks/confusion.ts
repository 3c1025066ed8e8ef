import { h } from '../../parts/dom.ts'

/**
 * The confusion matrix. A click on a cell opens its images. On a narrow screen the style sheet shows class
 * names only above the columns, and their numbers before the rows.
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
      h('caption', { class: 'soft' }, 'Rows: true class. Columns: predicted class. Click a number for images.'),
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
  const correct = truth === label
  const what = correct ? `${classes[truth]}, correct` : `${classes[truth]}, predicted as ${classes[label]}`
  const button = h(
    'button',
    { type: 'button', 'aria-label': `${what}: ${images} images`, 'data-test': `cell-${truth}-${label}`, onclick: () => open(truth, label) },
    String(images),
  )
  // A few per cent of mistakes must be visible next to 90% of correct answers.
  const strength = correct ? (images / all) * 45 : Math.min(46, 160 * Math.sqrt(images / all))
  button.style.background = `color-mix(in srgb, var(${correct ? '--c0' : '--c1'}) ${strength.toFixed(0)}%, transparent)`
  return h('td', {}, button)
}
