// What a hand does to a drawing: with a mouse, a pen or a finger, or with keys.

import { snap, type Point } from './strokes.ts'

/** A pen on paper. */
export interface Pen {
  /** Begin a line. */
  down(at: Point): void
  /** Go on with it. */
  to(points: readonly Point[]): void
  /** End it, if there is one. */
  up(): void
  readonly isDown: boolean
}

/** What keys can do besides. */
export interface Commands {
  undo(): void
  clear(): void
  /** Move the drawing by one step to a side. */
  move(dx: number, dy: number): void
  /** The pen is at another place, without drawing. */
  show(): void
  /** Tell somebody who does not see the page. */
  say(what: string): void
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Let pointers draw: one at a time, and every place that the browser put together in one event. */
export function followPointers(canvas: HTMLCanvasElement, { width, height }: Size, pen: Pen): void {
  let pointer: number | null = null
  const at = (event: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect()
    return [
      snap(((event.clientX - box.left) / box.width) * width),
      snap(((event.clientY - box.top) / box.height) * height),
    ]
  }
  canvas.addEventListener('pointerdown', (event) => {
    // A second finger would be a palm, the right button a menu.
    if (pointer !== null || event.button !== 0) return
    pointer = event.pointerId
    canvas.setPointerCapture(pointer)
    pen.up()
    pen.down(at(event))
    event.preventDefault()
  })
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pointer) return
    const all = event.getCoalescedEvents?.() ?? []
    pen.to((all.length ? all : [event]).map(at))
  })
  for (const name of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(name, (event) => {
      if (event.pointerId !== pointer) return
      pointer = null
      pen.up()
    })
  }
}

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Let keys draw and move. The function returned tells where the keys' pen is, if it was taken. */
export function followKeys(
  canvas: HTMLCanvasElement,
  size: Size,
  pen: Pen,
  commands: Commands,
): () => Point | null {
  const pace = size.height / 28
  let cursor: Point | null = null

  function take(point: Point | null): void {
    pen.up()
    cursor = point
    commands.say(point ? 'Pen taken, in the middle, lifted.' : 'Pen laid away.')
    commands.show()
  }

  function press(at: Point): void {
    if (pen.isDown) pen.up()
    else pen.down(at)
    commands.say(pen.isDown ? 'Pen down.' : 'Pen lifted.')
  }

  function steer([x, y]: Point, [dx, dy]: Point): void {
    const clip = (value: number, most: number) => snap(Math.max(0, Math.min(most, value)))
    cursor = [clip(x + dx * pace, size.width), clip(y + dy * pace, size.height)]
    if (pen.isDown) pen.to([cursor])
    else commands.show()
  }

  canvas.addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key]
    const key = event.key.toLowerCase()
    const command = event.ctrlKey || event.metaKey
    if (command && key === 'z') commands.undo()
    else if (command || event.altKey) return
    else if (arrow && cursor) steer(cursor, arrow)
    else if (arrow) commands.move(...arrow)
    else if (key === 'delete' || key === 'backspace') commands.clear()
    else if (key === 'p') take(cursor ? null : [size.width / 2, size.height / 2])
    else if (key === 'escape' && cursor) take(null)
    else if (key === ' ' && cursor) press(cursor)
    else return
    event.preventDefault()
  })
  return () => cursor
}
