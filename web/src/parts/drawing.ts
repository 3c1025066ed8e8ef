import type { Picture } from '../picture/picture.ts'
import { colour, onTheme } from '../theme.ts'
import { h } from './dom.ts'
import { followKeys, followPointers } from './hand.ts'
import { EMPTY, paintSheet, rasterizer, type Image, type Sheet } from './sheet.ts'
import { decodeStrokes, encodeStrokes, moved, simplify, type Point } from './strokes.ts'

/** Something to draw on: with a mouse, a pen, a finger, or the keyboard alone. */
export interface Drawing {
  readonly element: HTMLElement
  readonly canvas: HTMLCanvasElement
  /** Dark ink on white, the same whatever the screen; a picture alone as it is. */
  picture(): Picture
  isEmpty(): boolean
  clear(): void
  undo(): void
  move(dx: number, dy: number): void
  /** The strokes, and the key of the picture below them, as text for an address. */
  encode(): string
  decode(text: string): void
  /**
   * Put a picture in place of what is drawn. `key` is what `resolve` finds it by again; an `example`
   * that nobody asked for makes room for the first stroke.
   */
  setImage(image: Image, options?: { key?: string; ink?: boolean; example?: boolean }): void
  /** Width of the pen in pixels of the drawing. */
  pen: number
  /** Stop following the page's colours. */
  close(): void
}

/** What makes a drawing. */
export interface Options {
  readonly width: number
  readonly height: number
  readonly label: string
  readonly onChange: () => void
  /** Told before a change that moves what is drawn, whether by keys or by `move`. */
  readonly onMove?: () => void
  readonly pen?: number
  /** Pixels of `picture()` for one of the drawing's; 1 unless given. */
  readonly density?: number
  /** How far an arrow key moves the drawing, in its pixels. */
  readonly step?: number
  /** Find a picture by its key, when an address names one. */
  readonly resolve?: (key: string) => Promise<{ image: Image; ink: boolean } | null>
}

const KEYS =
  'Arrow keys move the drawing. P takes the pen: arrows move it, Space puts it down and lifts it, ' +
  'P lays it away. Ctrl+Z undoes, Delete clears.'
const MOST_UNDONE = 100
let drawings = 0

/** Make a drawing of `width` by `height` pixels; style sheets decide how large it is shown. */
export function drawing(options: Options): Drawing {
  const { width, height, label, onChange, step = 10, density = 1, resolve } = options
  const hint = `drawing-keys-${++drawings}`
  const status = h('p', { class: 'visually-hidden', role: 'status' })
  const canvas = h('canvas', {
    class: 'drawing-canvas',
    tabindex: 0,
    role: 'application',
    'aria-label': label,
    'aria-describedby': hint,
    'data-test': 'drawing',
  })
  canvas.style.aspectRatio = `${width} / ${height}`
  const element = h(
    'div',
    { class: 'drawing' },
    canvas,
    h('p', { class: 'drawing-keys', id: hint }, KEYS),
    status,
  )
  // Results must not depend on the screen: what is read is painted a second time, at a fixed size.
  const raster = rasterizer(width, height, density)
  let sheet = EMPTY
  let past: Sheet[] = []
  let line: Point[] | null = null
  let nib = options.pen ?? 20
  let moving = false
  let asked = 0
  let unasked = false

  /** The sheet with the line that is being drawn. */
  const now = (): Sheet =>
    line ? { ...sheet, strokes: [...sheet.strokes, { width: nib, points: line }] } : sheet

  function put(next: Sheet, remember = true): void {
    if (remember) past = [...past.slice(1 - MOST_UNDONE), sheet]
    sheet = next
    line = null
    moving = false
    changed()
  }

  function changed(): void {
    paint()
    onChange()
  }

  function paint(): void {
    const scale = Math.min(3, window.devicePixelRatio || 1) * ((canvas.clientWidth || width) / width)
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)]
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h]
    const context = canvas.getContext('2d')!
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, w, h)
    context.scale(w / width, h / height)
    paintSheet(context, now(), width, height, colour('--ink'))
    const at = cursor()
    if (!at) return
    context.lineWidth = 1.5
    context.strokeStyle = colour('--accent')
    context.beginPath()
    context.arc(...at, nib / 2, 0, 2 * Math.PI)
    context.stroke()
  }

  const pen = {
    down(at: Point) {
      if (unasked) sheet = EMPTY
      unasked = false
      line = [at]
      changed()
    },
    to(points: readonly Point[]) {
      if (!line) return
      for (const point of points) {
        const last = line.at(-1)!
        if (last[0] !== point[0] || last[1] !== point[1]) line.push(point)
      }
      changed()
    },
    up() {
      if (line) put({ ...sheet, strokes: [...sheet.strokes, { width: nib, points: simplify(line) }] })
    },
    get isDown() {
      return line !== null
    },
  }

  const self: Drawing = {
    element,
    canvas,
    picture: () => raster(now()),
    isEmpty: () => !sheet.below && !now().strokes.length,
    clear() {
      if (!self.isEmpty()) put(EMPTY)
    },
    undo() {
      const before = past.pop()
      if (before) put(before, false)
    },
    move(dx, dy) {
      pen.up()
      if (self.isEmpty()) return
      options.onMove?.()
      const below = sheet.below && { ...sheet.below, x: sheet.below.x + dx, y: sheet.below.y + dy }
      // A walk of many steps is undone as one.
      put({ below, strokes: moved(sheet.strokes, dx, dy) }, !moving)
      moving = true
    },
    encode() {
      const { below, strokes } = sheet
      return (below?.key ? `${below.key}.${below.x}.${below.y}~` : '') + encodeStrokes(strokes)
    },
    decode(text) {
      const turn = ++asked
      unasked = false
      const parts = text.split('~')
      past = []
      put({ below: null, strokes: decodeStrokes(parts.at(-1)!) }, false)
      const [key = '', x = '0', y = '0'] = parts.length > 1 ? parts[0].split('.') : []
      if (!key || !resolve) return
      void resolve(key).then((found) => {
        // Something else may have been asked for, or drawn, meanwhile.
        if (!found || turn !== asked || past.length) return
        put({ ...sheet, below: { ...found, key, x: Number(x) || 0, y: Number(y) || 0 } }, false)
      })
    },
    setImage(image, { key = '', ink = false, example = false } = {}) {
      asked++
      unasked = example
      put({ below: { image, key, ink, x: 0, y: 0 }, strokes: [] })
    },
    get pen() {
      return nib
    },
    set pen(value) {
      pen.up()
      nib = value
    },
    close() {
      forget()
      resized.disconnect()
    },
  }
  followPointers(canvas, options, pen)
  const cursor = followKeys(canvas, options, pen, {
    undo: self.undo,
    clear: self.clear,
    move: (dx, dy) => self.move(dx * step, dy * step),
    show: paint,
    say: (what) => (status.textContent = what),
  })
  const forget = onTheme(paint)
  const resized = new ResizeObserver(paint)
  resized.observe(canvas)
  return self
}
