/** What the address says: a view, and values by key. */
export interface Place {
  readonly view: string
  readonly values: ReadonlyMap<string, string>
}

/** The page's state in the address, so that it can be sent: `#/draw?network=digits&ink=...`. */
export interface Address {
  readonly view: string
  get(key: string): string | null
  /** Null removes the key. Without `replace` the browser's Back returns to what was there. */
  set(key: string, value: string | null, options?: { replace?: boolean }): void
  /** The hash that leads to `view`: its own values as they were last, the shared ones as now. */
  link(view: string): string
  /** Call `listener` with the keys that changed (and 'view'), whoever changed them. */
  onChange(listener: (changed: ReadonlySet<string>) => void): () => void
  /** Write now what is still on its way to the address. */
  flush(): void
}

/** Keys that mean the same in every view, and go along from one to another. */
const SHARED = ['network', 'ink']
/** Browsers refuse more than about 200 changes of the address in 30 seconds. */
const PATIENCE = 200

/** Read a hash; `home` is the view where it names none. */
export function parse(hash: string, home: string): Place {
  const text = hash.replace(/^#\/?/, '')
  const [path, query = ''] = text.split('?', 2)
  return { view: path || home, values: new Map(new URLSearchParams(query)) }
}

/** Write a hash that `parse` reads back. */
export function format({ view, values }: Place): string {
  const query = new URLSearchParams([...values]).toString()
  return `#/${view}${query ? `?${query}` : ''}`
}

/** Follow and change the address of `window`. */
export function address(window: Window, home: string): Address {
  /** The hash as we know it. */
  let known = window.location.hash
  let now = parse(known, home)
  let timer = 0
  const listeners = new Set<(changed: ReadonlySet<string>) => void>()
  const key = (view: string) => `lenet.view.${view}`
  const remember = () => window.sessionStorage.setItem(key(now.view), format(now))

  function write(): void {
    window.clearTimeout(timer)
    timer = 0
    // Somebody may have followed a link, and we have not heard of it yet: that is not undone.
    if (window.location.hash !== known) return
    window.history.replaceState(null, '', format(now))
    known = window.location.hash
    remember()
  }

  function tell(before: Place): void {
    const changed = new Set<string>()
    if (before.view !== now.view) changed.add('view')
    for (const name of [...before.values.keys(), ...now.values.keys()]) {
      if (before.values.get(name) !== now.values.get(name)) changed.add(name)
    }
    if (changed.size) for (const listener of [...listeners]) listener(changed)
  }

  function follow(): void {
    const before = now
    window.clearTimeout(timer)
    timer = 0
    known = window.location.hash
    now = parse(known, home)
    remember()
    tell(before)
  }

  window.addEventListener('popstate', follow)
  window.addEventListener('hashchange', follow)
  window.addEventListener('pagehide', () => timer && write())
  return {
    get view() {
      return now.view
    },
    get: (name) => now.values.get(name) ?? null,
    set(name, value, { replace = false } = {}) {
      if ((now.values.get(name) ?? null) === value) return
      const before = now
      const values = new Map(now.values)
      if (value === null) values.delete(name)
      else values.set(name, value)
      if (!replace) {
        if (timer) write()
        now = { view: now.view, values }
        window.history.pushState(null, '', format(now))
        known = window.location.hash
        remember()
      } else {
        now = { view: now.view, values }
        timer ||= window.setTimeout(write, PATIENCE)
      }
      tell(before)
    },
    link(view) {
      if (view === now.view) return format(now)
      const kept = parse(window.sessionStorage.getItem(key(view)) ?? '', view)
      const values = new Map(kept.view === view ? kept.values : [])
      for (const name of SHARED) {
        const value = now.values.get(name)
        if (value !== undefined) values.set(name, value)
      }
      return format({ view, values })
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    flush: write,
  }
}
