import type { Picture } from '../picture/picture.ts'
import { colour, onTheme } from '../theme.ts'
import { h } from './dom.ts'
import { followKeys, followPointers } from './pen.ts'
import { EMPTY, paintSheet, rasterizer, type Image, type Sheet } from './sheet.ts'
import { decodeStrokes, encodeStrokes, moved, simplify, type Point } from './strokes.ts'

/** A canvas to draw on with a mouse, a pen, a finger or the keyboard. */
export interface Drawing {
  readonly element: HTMLElement
  readonly canvas: HTMLCanvasElement
  /** The drawing as dark ink on white, at a fixed size; an image without strokes at its own size. */
  picture(): Picture
  isEmpty(): boolean
  clear(): void
  undo(): void
  move(dx: number, dy: number): void
  /** The strokes, and the key of the image under them, as text for an address. */
  encode(): string
  decode(text: string): void
  /**
   * Replace the drawing by an image. `resolve` finds the image again by its `key`. The first stroke
   * removes an image that is only an `example`.
   */
  setImage(image: Image, options?: { key?: string; ink?: boolean; example?: boolean }): void
  /** Width of the pen in pixels of the drawing. */
  pen: number
  /** Stop listening to changes of the theme and the size. */
  close(): void
}

/** The options of a drawing. */
export interface Options {
  readonly width: number
  readonly height: number
  readonly label: string
  readonly onChange: () => void
  /** Called before the drawing is moved, by keys or by `move`. */
  readonly onMove?: () => void
  readonly pen?: number
  /** Pixels of `picture()` per pixel of the drawing; 1 by default. */
  readonly density?: number
  /** How far an arrow key moves the drawing, in its pixels. */
  readonly step?: number
  /** Find the image with the key that an address names. */
  readonly resolve?: (key: string) => Promise<{ image: Image; ink: boolean } | null>
}

const KEYS =
  'Arrow keys move the drawing. P starts the keyboard pen: arrow keys move it, Space puts it down or ' +
  'lifts it, P stops it. Ctrl+Z: undo. Delete: clear.'
const MOST_UNDONE = 100
let drawings = 0

/** Make a drawing of `width` by `height` pixels; the style sheet sets its size on the screen. */
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
  // The network's picture is painted separately at a fixed size, so that it does not depend on the screen.
  const raster = rasterizer(width, height, density)
  let sheet = EMPTY
  let past: Sheet[] = []
  let line: Point[] | null = null
  let penWidth = options.pen ?? 20
  let moving = false
  let request = 0
  let isExample = false

  /** The sheet with the line that is being drawn. */
  const now = (): Sheet =>
    line ? { ...sheet, strokes: [...sheet.strokes, { width: penWidth, points: line }] } : sheet

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
    context.arc(...at, penWidth / 2, 0, 2 * Math.PI)
    context.stroke()
  }

  const pen = {
    down(at: Point) {
      if (isExample) sheet = EMPTY
      isExample = false
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
      if (line) put({ ...sheet, strokes: [...sheet.strokes, { width: penWidth, points: simplify(line) }] })
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
      // Several moves in a row are undone together.
      put({ below, strokes: moved(sheet.strokes, dx, dy) }, !moving)
      moving = true
    },
    encode() {
      const { below, strokes } = sheet
      return (below?.key ? `${below.key}.${below.x}.${below.y}~` : '') + encodeStrokes(strokes)
    },
    decode(text) {
      const mine = ++request
      isExample = false
      const parts = text.split('~')
      past = []
      put({ below: null, strokes: decodeStrokes(parts.at(-1)!) }, false)
      const [key = '', x = '0', y = '0'] = parts.length > 1 ? parts[0].split('.') : []
      if (!key || !resolve) return
      void resolve(key).then((found) => {
        // The user may have drawn, or chosen another image, while this one was loading.
        if (!found || mine !== request || past.length) return
        put({ ...sheet, below: { ...found, key, x: Number(x) || 0, y: Number(y) || 0 } }, false)
      })
    },
    setImage(image, { key = '', ink = false, example = false } = {}) {
      request++
      isExample = example
      put({ below: { image, key, ink, x: 0, y: 0 }, strokes: [] })
    },
    get pen() {
      return penWidth
    },
    set pen(value) {
      pen.up()
      penWidth = value
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
