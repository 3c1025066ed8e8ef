/** The content of an address: a view, and values by key. */
export interface Place {
  readonly view: string
  readonly values: ReadonlyMap<string, string>
}

/** The state of the page in its address, which can be sent as a link: `#/draw?network=digits&ink=...`. */
export interface Address {
  readonly view: string
  get(key: string): string | null
  /** Set a value; null removes the key. Without `replace` the browser's Back returns to the old value. */
  set(key: string, value: string | null, options?: { replace?: boolean }): void
  /** The link to `view`: with its own values of the last visit, and the present shared values. */
  link(view: string): string
  /** Call `listener` after each change with the keys that changed; a new view is the key 'view'. */
  onChange(listener: (changed: ReadonlySet<string>) => void): () => void
  /** Write pending changes now. */
  flush(): void
}

/** Keys that all views share. */
const SHARED = ['network', 'ink']
/** Milliseconds between two writes: browsers refuse more than about 200 writes in 30 seconds. */
const WRITE_MS = 200

/** Read a hash; `home` is the view of a hash without one. */
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

/** Read and change the address of `window`. */
export function address(window: Window, home: string): Address {
  /** The hash that was last read or written. */
  let known = window.location.hash
  let now = parse(known, home)
  let timer = 0
  const listeners = new Set<(changed: ReadonlySet<string>) => void>()
  const key = (view: string) => `lenet.view.${view}`
  const remember = () => window.sessionStorage.setItem(key(now.view), format(now))

  function write(): void {
    window.clearTimeout(timer)
    timer = 0
    // If the hash differs, the user has just followed a link; then the pending change is dropped.
    if (window.location.hash !== known) return
    window.history.replaceState(null, '', format(now))
    known = window.location.hash
    remember()
  }

  function notify(before: Place): void {
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
    notify(before)
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
        timer ||= window.setTimeout(write, WRITE_MS)
      }
      notify(before)
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
