import type { Mistake } from '../../api.ts'
import { count, h, percent } from '../../parts/dom.ts'

/** A gallery of images with their predicted and their true class. */
export function gallery(images: readonly Mistake[], classes: readonly string[]): HTMLElement {
  const name = (one: number | string) => (typeof one === 'number' ? classes[one] : one)
  return h(
    'ul',
    { class: 'gallery' },
    ...images.map(({ index, truth, label, probability, png }) => {
      return h(
        'li',
        {},
        h('img', {
          class: 'pixels',
          src: png,
          width: 64,
          height: 64,
          alt: `test image ${index}: ${name(truth)}, predicted as ${name(label)}`,
        }),
        h(
          'span',
          { class: 'small' },
          truth === label ? name(label) : h('span', {}, h('b', {}, name(label)), ` instead of ${name(truth)}`),
        ),
        h('span', { class: 'small soft number' }, percent(probability)),
      )
    }),
  )
}

/** A dialog that shows images; it removes itself when closed. */
export async function showImages(
  title: string, classes: readonly string[], load: () => Promise<{ images: readonly Mistake[]; count: number }>,
): Promise<void> {
  const body = h('div', { class: 'stack', 'aria-busy': 'true' }, h('p', { class: 'soft' }, 'Loading…'))
  const close = h('button', { type: 'button', 'data-test': 'close' }, 'Close')
  const dialog = h(
    'dialog',
    { class: 'images', 'aria-label': title, 'data-test': 'images' },
    h('div', { class: 'row images-head' }, h('h2', {}, title), close),
    body,
  )
  close.addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())
  document.querySelector('#view')!.append(dialog) // where the view's styles reach it
  dialog.showModal()
  try {
    const { images, count: all } = await load()
    const more = all > images.length ? [h('p', { class: 'soft small' }, `The first ${count(images.length)} of ${count(all)}.`)] : []
    body.replaceChildren(gallery(images, classes), ...more)
  } catch (error) {
    body.replaceChildren(h('p', { role: 'alert' }, (error as Error).message))
  }
  body.removeAttribute('aria-busy')
}
