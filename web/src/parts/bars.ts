import { h, percent } from './dom.ts'

/** Bars of probabilities, in the order of the classes, so that each keeps its place. */
export interface Bars {
  readonly element: HTMLElement
  /** Null: no answer, all bars empty. */
  update(shares: readonly { label: string; probability: number }[] | null): void
}

/** A probability in per cent. None is zero: what is so small that it became zero is less than 0.1% too. */
export function probabilityWords(share: number): string {
  return percent(share === 0 ? Number.MIN_VALUE : share)
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
    update(shares) {
      const found = new Map(shares?.map(({ label, probability }) => [label, probability]))
      const best = shares?.[0]?.label
      for (const { name, element, fill, value } of rows) {
        const share = found.get(name)
        fill.style.transform = `scaleX(${share ?? 0})`
        value.textContent = share === undefined ? '' : probabilityWords(share)
        element.classList.toggle('best', name === best)
      }
    },
  }
}
