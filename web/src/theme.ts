/** Light, dark, or the setting of the system. */
export type Theme = 'auto' | 'light' | 'dark'

const THEMES: readonly Theme[] = ['auto', 'light', 'dark']
const KEY = 'lenet.theme'
const listeners = new Set<() => void>()
const system = matchMedia('(prefers-color-scheme: dark)')

/** The theme that the user chose last. */
export function theme(): Theme {
  return THEMES.find((one) => one === localStorage.getItem(KEY)) ?? 'auto'
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  return theme() === 'dark' || (theme() === 'auto' && system.matches)
}

/** Apply the chosen theme; `next` first switches to the next of the three. */
export function applyTheme(next = false): Theme {
  if (next) localStorage.setItem(KEY, THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]!)
  document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light'
  for (const listener of [...listeners]) listener()
  return theme()
}

/** Call `listener` when the colours change, because canvases do not follow style sheets. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

system.addEventListener('change', () => applyTheme())

/** The value of a colour variable of the style sheet, such as `--ink`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
