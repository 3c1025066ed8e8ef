import { beforeEach, describe, expect, it, vi } from 'vitest'
import { address, format, parse } from '../../src/address.ts'

/** The parts of a browser's window that an address needs. */
function browser(hash = '') {
  const listeners = new Map<string, () => void>()
  const stored = new Map<string, string>()
  const entries = [hash]
  const location = { hash }
  const go = (next: string, replace: boolean) => {
    if (replace) entries.pop()
    entries.push(next)
    location.hash = next
  }
  return {
    location,
    entries,
    history: {
      pushState: (_: unknown, __: string, next: string) => go(next, false),
      replaceState: (_: unknown, __: string, next: string) => go(next, true),
    },
    sessionStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    },
    setTimeout: (call: () => void, after: number) => setTimeout(call, after),
    clearTimeout: (timer: never) => clearTimeout(timer),
    addEventListener: (name: string, call: () => void) => void listeners.set(name, call),
    /** The user clicks a link, or Back. */
    visit(next: string) {
      location.hash = next
      listeners.get('hashchange')!()
    },
  }
}

const of = (window: ReturnType<typeof browser>) => address(window as unknown as Window, 'draw')

beforeEach(() => void vi.useFakeTimers())

describe('parse and format', () => {
  it.each([
    ['', 'draw', {}],
    ['#', 'draw', {}],
    ['#/', 'draw', {}],
    ['#/inside', 'inside', {}],
    ['#/inside?network=my+net&ink=a-_b', 'inside', { network: 'my net', ink: 'a-_b' }],
    ['#/draw?name=%26%3D%3F%23', 'draw', { name: '&=?#' }],
    ['#/draw?%%%', 'draw', { '%%%': '' }],
  ])('%s', (hash, view, values) => {
    const place = parse(hash, 'draw')
    expect(place.view).toBe(view)
    expect(Object.fromEntries(place.values)).toEqual(values)
    expect(parse(format(place), 'draw')).toEqual(place)
  })
})

describe('address', () => {
  it('pushes and removes at once, and replaces after a delay', () => {
    const window = browser('#/draw')
    const place = of(window)
    place.set('network', 'digits')
    expect(window.entries).toEqual(['#/draw', '#/draw?network=digits'])
    place.set('ink', 'a', { replace: true })
    place.set('ink', 'b', { replace: true })
    expect(place.get('ink')).toBe('b')
    expect(window.entries).toHaveLength(2)
    vi.runAllTimers()
    expect(window.entries).toEqual(['#/draw', '#/draw?network=digits&ink=b'])
    place.set('network', null)
    expect(window.location.hash).toBe('#/draw?ink=b')
  })

  it('writes a pending change before it pushes, so that Back returns to it', () => {
    const window = browser('#/draw')
    const place = of(window)
    place.set('ink', 'a', { replace: true })
    place.set('network', 'chapter')
    expect(window.entries).toEqual(['#/draw?ink=a', '#/draw?ink=a&network=chapter'])
  })

  it('does not undo a link that the user follows while a change is pending', () => {
    const window = browser('#/draw')
    const place = of(window)
    place.set('ink', 'a', { replace: true })
    window.visit('#/inside?ink=a')
    vi.runAllTimers()
    expect(place.view).toBe('inside')
    expect(window.location.hash).toBe('#/inside?ink=a')

    place.set('ink', 'b', { replace: true })
    window.location.hash = '#/train' // the browser sends the event later
    vi.runAllTimers()
    expect(window.location.hash).toBe('#/train')
    window.visit('#/train')
    expect(place.view).toBe('train')
  })

  it('calls the listener once per change, with the changed keys only', () => {
    const window = browser('#/draw?a=1&b=2')
    const place = of(window)
    const calls: string[][] = []
    const forget = place.onChange((changed) => calls.push([...changed].sort()))
    place.set('a', '1')
    place.set('a', '3')
    window.visit('#/inside?b=2&c=4')
    forget()
    place.set('c', '5')
    expect(calls).toEqual([['a'], ['a', 'c', 'view']])
  })

  it('links to the last state of a view, with the current network and drawing', () => {
    const window = browser('#/inside?unit=4.1.2.3&ink=old&network=digits')
    const place = of(window)
    place.set('unit', '5.0.0.0')
    window.visit('#/draw?ink=new')
    expect(place.link('inside')).toBe('#/inside?unit=5.0.0.0&ink=new&network=digits')
    expect(place.link('train')).toBe('#/train?ink=new')
    expect(place.link('draw')).toBe('#/draw?ink=new')
  })
})
