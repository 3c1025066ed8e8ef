import { address } from './address.ts'
import { api } from './api.ts'
import { askKey } from './parts/key.ts'
import { h, set } from './parts/dom.ts'
import { choose, networks, type Kind } from './networks.ts'
import { applyTheme, type Theme } from './theme.ts'
import type { Page, View } from './view.ts'

interface Tab {
  readonly name: string
  readonly title: string
  readonly load: () => Promise<{ view: View }>
}

// Each view is loaded when it is first shown, so that a slow or broken view does not affect the others.
const TABS: readonly Tab[] = [
  { name: 'draw', title: 'Draw', load: () => import('./views/draw.ts') },
  { name: 'inside', title: 'Look inside', load: () => import('./views/inside.ts') },
  { name: 'read', title: 'Read', load: () => import('./views/read.ts') },
  { name: 'networks', title: 'Networks', load: () => import('./views/networks.ts') },
  { name: 'train', title: 'Train', load: () => import('./views/train.ts') },
]

const find = <Type extends HTMLElement>(selector: string) => document.querySelector<Type>(selector)!
const root = find('#view')
const tabs = find('.tabs')
const alert = find('#problem')
const picker = find<HTMLSelectElement>('#network')
const themeButton = find<HTMLButtonElement>('#theme')
const copyButton = find<HTMLButtonElement>('#copy-link')

const service = api(askKey)
const place = address(window, 'draw')
const known = networks(service)
let kind: Kind | undefined
let leave: (() => void) | null = null
let visit = 0

const page: Page = {
  api: service,
  networks: known,
  address: place,
  async network() {
    const model = choose(await known.list(), kind ?? 'predict', place.get('network'))
    return known.get(model.name)
  },
  problem(what) {
    alert.hidden = what === null
    alert.textContent = what === null ? '' : what instanceof Error ? what.message : String(what)
  },
}

async function updatePicker(): Promise<void> {
  picker.closest('label')!.hidden = kind === undefined
  if (kind === undefined) return
  const models = await known.list()
  const chosen = choose(models, kind, place.get('network'))
  picker.replaceChildren(
    ...models
      .filter((model) => model.kind === kind)
      .map((model) => new Option(model.name, model.name, false, model.name === chosen.name)),
  )
}

const links = TABS.map(({ name, title }) => h('a', { 'data-test': `tab-${name}` }, title))
tabs.append(...links)
// Pending changes of the address belong to the old view, so they are written before the view changes.
tabs.addEventListener('click', () => place.flush())

// The links are updated, not replaced: a link that is replaced while it is pressed loses the click.
function navigate(): void {
  TABS.forEach(({ name }, k) => {
    set(links[k], { href: place.link(name), 'aria-current': name === place.view ? 'page' : null })
  })
}

async function show(): Promise<void> {
  const mine = ++visit
  const tab = TABS.find(({ name }) => name === place.view) ?? TABS[0]!
  leave?.()
  leave = null
  page.problem(null)
  root.replaceChildren()
  root.className = `view-${tab.name}`
  document.title = `${tab.title} · lenet`
  try {
    const { view } = await tab.load()
    if (mine !== visit) return
    kind = view.kind
    leave = view.show(root, page)
    await updatePicker()
  } catch (error) {
    if (mine === visit) page.problem(error)
  }
}

const THEME_SIGNS: Readonly<Record<Theme, string>> = { auto: '◐', light: '☀', dark: '☾' }

function showTheme(next: boolean): void {
  const theme = applyTheme(next)
  themeButton.textContent = THEME_SIGNS[theme]
  themeButton.title = `Theme: ${theme}`
  themeButton.setAttribute('aria-label', themeButton.title)
}

themeButton.addEventListener('click', () => showTheme(true))
showTheme(false)

picker.addEventListener('change', () => place.set('network', picker.value))
copyButton.addEventListener('click', async () => {
  place.flush()
  try {
    await navigator.clipboard.writeText(location.href)
    copyButton.textContent = 'Copied'
  } catch {
    page.problem('The browser did not allow the page to copy. Please copy the link from the address bar.')
  }
  setTimeout(() => (copyButton.textContent = 'Copy link'), 1500)
})
find<HTMLAnchorElement>('.skip').addEventListener('click', (event) => {
  event.preventDefault()
  root.focus()
})
// An error that no view handles is shown on the page, not only in the console.
addEventListener('unhandledrejection', (event) => page.problem(event.reason))

place.onChange((changed) => {
  if (changed.has('view')) void show()
  else if (changed.has('network')) updatePicker().catch(page.problem)
  navigate()
})
known.onChange(() => void updatePicker().catch(page.problem))
navigate()
void show()
