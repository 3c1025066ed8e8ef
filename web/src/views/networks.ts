import type { Model } from '../api.ts'
import { FIRST } from '../networks.ts'
import { count, h } from '../parts/dom.ts'
import type { View } from '../view.ts'
import { filesOf, recordOf, storeRecord } from './networks/dropped.ts'
import { facts, layerTable } from './networks/facts.ts'
import { card, curves, results } from './networks/results.ts'
import './networks.css'

const SOURCES: Readonly<Record<Model['source'], string>> = { shipped: '', run: 'your run, ', dropped: 'dropped here, ' }

/** The list of networks, and the facts and results of the selected one. */
export const view: View = {
  name: 'networks',
  title: 'Networks',
  show(root, page) {
    let left = false
    let shown: string | null = null
    let turn = 0

    const list = h('ul', { 'data-test': 'networks' })
    const files = h('input', { type: 'file', multiple: true, accept: '.json,.safetensors,.csv', class: 'visually-hidden', 'data-test': 'files' })
    const folder = h('input', { type: 'file', webkitdirectory: true, class: 'visually-hidden', 'data-test': 'folder' })
    const drop = h(
      'div',
      { class: 'drop small', 'data-test': 'drop' },
      h('b', {}, 'Your own network'),
      h('p', { class: 'soft' }, 'Drop a run folder here, or its files config.json and model.safetensors.'),
      h('label', { class: 'link' }, 'Choose a folder', folder),
      h('label', { class: 'link' }, 'Choose files', files),
    )
    const details = h('div', { class: 'network' })
    root.append(
      h('h1', { class: 'visually-hidden' }, 'Networks'),
      h('div', { class: 'networks' }, h('nav', { class: 'networks-list', 'aria-label': 'Networks' }, list, drop), details),
    )

    async function update(): Promise<void> {
      const models = await page.networks.list()
      if (left) return
      const wanted = page.address.get('network') ?? FIRST
      const chosen = models.find(({ name }) => name === wanted) ?? models[0]
      list.replaceChildren(
        ...models.map(({ name, source, parameters }) =>
          h(
            'li',
            {},
            h(
              'button',
              {
                type: 'button',
                'aria-current': name === chosen?.name ? 'true' : null,
                'data-test': `show-${name}`,
                onclick: () => page.address.set('network', name),
              },
              name,
              h('span', {}, `${SOURCES[source]}${count(parameters)} parameters`),
            ),
          ),
        ),
      )
      if (chosen && chosen.name !== shown) {
        shown = chosen.name
        await describe(chosen)
      }
    }

    async function describe(model: Model): Promise<void> {
      const mine = ++turn
      const artifact = await page.networks.get(model.name)
      if (left || mine !== turn) return
      const table = h('dl', { class: 'facts', 'data-test': 'facts' })
      const fill = (metrics: Readonly<Record<string, unknown>>) =>
        table.replaceChildren(...facts(artifact, metrics).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]))
      fill({})
      const more = h('div', { class: 'network' })
      const target = model.kind === 'predict' ? 'draw' : 'read'
      details.replaceChildren(
        h(
          'div',
          { class: 'row network-head' },
          h('h2', { class: 'network-name' }, model.name),
          h(
            'div',
            { class: 'row' },
            h('button', { type: 'button', class: 'primary', 'data-test': 'draw-on-it', onclick: () => visit(target) }, target === 'draw' ? 'Draw' : 'Write a number'),
            target === 'draw' ? h('button', { type: 'button', 'data-test': 'look-inside', onclick: () => visit('inside') }, 'Look inside') : null,
          ),
        ),
        h('div', { class: 'pair' }, card('Facts', table), card('Layers', layerTable(artifact))),
        more,
      )

      function visit(view: string): void {
        if (page.address.get('network') !== model.name) page.address.set('network', model.name)
        location.hash = page.address.link(view)
      }

      if (model.source === 'dropped') {
        const { history, metrics } = recordOf(model.name)
        fill(metrics)
        more.append(...(history.length ? [card('Training', curves(history))] : []), note('The page has no test images for this network. To see its confusion matrix and its mistakes, start the service with “lenet serve --run FOLDER”.'))
        return
      }
      if (model.kind !== 'predict') {
        more.append(note('This network reads whole numbers. The Read view shows how, column by column.'))
        return
      }
      more.append(h('p', { class: 'soft', role: 'status' }, 'Testing the network on all test images…'))
      try {
        const run = await page.api.run(model.name)
        if (left || mine !== turn) return
        fill(run.metrics)
        const parts = results(model.name, run, page)
        more.replaceChildren(parts[0]!, ...(run.history.length ? [card('Training', curves(run.history))] : []), ...parts.slice(1))
      } catch (error) {
        if (!left && mine === turn) more.replaceChildren(note((error as Error).message))
      }
    }

    async function take(given: readonly File[]): Promise<void> {
      if (!given.length) return
      try {
        const name = await page.networks.addLocal(given)
        page.problem(null)
        await storeRecord(name, given)
        if (!left) page.address.set('network', name)
      } catch (error) {
        page.problem(error)
      }
    }

    for (const input of [files, folder]) input.addEventListener('change', () => void take([...(input.files ?? [])]))
    const ending = new AbortController()
    const { signal } = ending
    addEventListener('dragover', (event) => (event.preventDefault(), drop.classList.add('over')), { signal })
    addEventListener('dragleave', () => drop.classList.remove('over'), { signal })
    addEventListener(
      'drop',
      (event) => {
        event.preventDefault()
        drop.classList.remove('over')
        void filesOf(event.dataTransfer).then(take)
      },
      { signal },
    )
    const forgetList = page.networks.onChange(() => void update().catch(page.problem))
    const forgetAddress = page.address.onChange((changed) => changed.has('network') && void update().catch(page.problem))
    update().catch(page.problem)

    return () => {
      left = true
      ending.abort()
      forgetList()
      forgetAddress()
      for (const dialog of document.querySelectorAll<HTMLDialogElement>('dialog.images')) dialog.close()
    }
  },
}

function note(text: string): HTMLElement {
  return h('p', { class: 'card soft', 'data-test': 'note' }, text)
}
