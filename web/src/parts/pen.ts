// Input for a drawing from pointers (mouse, pen, finger) and from the keyboard.

import { snap, type Point } from './strokes.ts'

/** The pen of a drawing. */
export interface Pen {
  /** Begin a line. */
  down(at: Point): void
  /** Continue the line. */
  to(points: readonly Point[]): void
  /** End the line, if there is one. */
  up(): void
  readonly isDown: boolean
}

/** The other actions of the keyboard. */
export interface Commands {
  undo(): void
  clear(): void
  /** Move the drawing by one step to a side. */
  move(dx: number, dy: number): void
  /** Show the keyboard pen at its new place. */
  show(): void
  /** Announce a change to screen readers. */
  say(what: string): void
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Draw with one pointer at a time, at every place that the browser has merged into one event. */
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
    // A second touch may be the palm of the hand, and the right button opens a menu.
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

/** Draw and move with the keyboard. Returns a function for the place of the keyboard pen; null if it is off. */
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
    commands.say(point ? 'Keyboard pen on, lifted, in the middle.' : 'Keyboard pen off.')
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
