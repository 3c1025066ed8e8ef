import type { Epoch, Mistake, Run } from '../../api.ts'
import { chart } from '../../parts/chart.ts'
import { count, h, percent } from '../../parts/dom.ts'
import type { Page } from '../../view.ts'
import { confusionTable } from './confusion.ts'
import { share } from './facts.ts'
import { gallery, showImages } from './images.ts'

const WORST = 24

/** The curves of loss and accuracy by epoch. */
export function curves(history: readonly Epoch[]): HTMLElement {
  const of = (value: (row: Epoch) => number | null) =>
    history.flatMap((row): [number, number][] => {
      const y = value(row)
      return y === null || y === undefined ? [] : [[row.epoch, y]]
    })
  const loss = chart({ title: 'Loss', x: 'epoch', y: '', yMin: 0 })
  loss.update([{ name: 'training', points: of((row) => row.train_loss) }])
  const accuracy = chart({ title: 'Accuracy', x: 'epoch', y: '', yMax: 1, asPercent: true })
  accuracy.update([
    { name: 'training', points: of((row) => row.train_accuracy) },
    { name: 'test', points: of((row) => row.test_accuracy), dashed: true },
  ])
  return h('div', { class: 'curves', 'data-test': 'curves' }, loss.element, accuracy.element)
}

/** The results on the test images: accuracy, confusion matrix, classes and worst mistakes. */
export function results(name: string, run: Run, page: Page): HTMLElement[] {
  const images = run.per_class.reduce((all, one) => all + one.images, 0)
  const path = `v1/runs/${encodeURIComponent(name)}/images`
  const { classes } = run
  const open = (truth: number, label: number) =>
    void showImages(
      truth === label ? `${classes[truth]}, correct: lowest confidence first` : `${classes[truth]}, predicted as ${classes[label]}`,
      classes,
      () => page.api.runImages(name, truth, label),
    )
  const worst = h('div', {}, h('p', { class: 'soft' }, 'Loading…'))
  page.api
    .json<{ images: Mistake[]; count: number }>(`${path}?limit=${WORST}`)
    .then((found) => worst.replaceChildren(found.count ? gallery(found.images, classes) : h('p', {}, 'None: all answers are correct.')))
    .catch(page.problem)
  return [
    h(
      'p',
      { class: 'figures' },
      h('span', {}, h('b', { class: 'figure', 'data-test': 'accuracy' }, percent(run.accuracy, 2)), ` accuracy on ${count(images)} test images`),
      h('span', {}, h('b', { class: 'figure' }, percent(run.calibration_error, 2)), ' calibration error: how far the confidence is from the accuracy'),
    ),
    h(
      'div',
      { class: classes.length > 12 ? 'network' : 'pair confusions' },
      card('Confusion matrix', confusionTable(run.confusion, classes, open)),
      card('Results by class', classTable(run)),
    ),
    card('Worst mistakes', h('p', { class: 'soft small' }, 'The wrong answers with the highest confidence: the predicted class instead of the true class.'), worst),
  ]
}

function classTable({ per_class }: Run): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Classes' },
    h(
      'table',
      { class: 'table', 'data-test': 'per-class' },
      h('thead', {}, h('tr', {}, ...['class', 'images', 'precision', 'recall'].map((name, k) => h('th', { scope: 'col', class: k ? 'number' : '' }, name)))),
      h(
        'tbody',
        {},
        ...per_class.map((row) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, row.name),
            h('td', { class: 'number' }, count(row.images)),
            h('td', { class: 'number' }, share(row.precision)),
            h('td', { class: 'number' }, share(row.recall)),
          ),
        ),
      ),
    ),
  )
}

/** A card with a heading. */
export function card(title: string, ...children: (Node | string)[]): HTMLElement {
  return h('section', { class: 'card stack', 'aria-label': title }, h('h2', {}, title), ...children)
}
