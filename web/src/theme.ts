/** Light, dark, or as the system has it. */
export type Theme = 'auto' | 'light' | 'dark'

const THEMES: readonly Theme[] = ['auto', 'light', 'dark']
const KEY = 'lenet.theme'
const listeners = new Set<() => void>()
const system = matchMedia('(prefers-color-scheme: dark)')

/** The theme that was chosen last. */
export function theme(): Theme {
  return THEMES.find((one) => one === localStorage.getItem(KEY)) ?? 'auto'
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  return theme() === 'dark' || (theme() === 'auto' && system.matches)
}

/** Use the theme that was chosen; the next one of the three with `next`. */
export function applyTheme(next = false): Theme {
  if (next) localStorage.setItem(KEY, THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]!)
  document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light'
  for (const listener of [...listeners]) listener()
  return theme()
}

/** Call `listener` when colours change: canvases do not follow style sheets by themselves. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

system.addEventListener('change', () => applyTheme())

/** The value of a colour variable of the style sheet, such as `--ink`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
