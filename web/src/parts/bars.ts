import { h, percent } from './dom.ts'

/** A bar chart of probabilities, in the order of the classes. */
export interface Bars {
  readonly element: HTMLElement
  /** Show probabilities; null empties all bars. */
  update(probabilities: readonly { label: string; probability: number }[] | null): void
}

/** A probability as a percentage. A softmax is never 0, but may be rounded to 0, which is shown as <0.1%. */
export function probabilityWords(probability: number): string {
  return percent(probability === 0 ? Number.MIN_VALUE : probability)
}

/** Make bars for these classes. */
export function bars(classes: readonly string[], caption: string): Bars {
  const rows = classes.map((name) => {
    const fill = h('span', { class: 'bar-fill' })
    const value = h('td', { class: 'bar-value' }, '')
    const element = h(
      'tr',
      { 'data-test': 'bar', 'data-class': name },
      h('th', { scope: 'row' }, name),
      h('td', { class: 'bar-track' }, h('span', { class: 'bar-line' }, fill)),
      value,
    )
    return { name, element, fill, value }
  })
  const element = h(
    'table',
    { class: 'bars', 'data-test': 'bars' },
    h('caption', { class: 'visually-hidden' }, caption),
    h('tbody', {}, ...rows.map((row) => row.element)),
  )
  return {
    element,
    update(probabilities) {
      const found = new Map(probabilities?.map(({ label, probability }) => [label, probability]))
      const best = probabilities?.[0]?.label
      for (const { name, element, fill, value } of rows) {
        const probability = found.get(name)
        fill.style.transform = `scaleX(${probability ?? 0})`
        value.textContent = probability === undefined ? '' : probabilityWords(probability)
        element.classList.toggle('best', name === best)
      }
    },
  }
}
