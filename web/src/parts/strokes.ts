/** A point of a stroke, in pixels of the drawing, on a grid of half pixels. */
export type Point = readonly [x: number, y: number]

/** A line that was drawn with the pen. */
export interface Stroke {
  readonly width: number
  readonly points: readonly Point[]
}

/** Grid steps per pixel. Half pixels are finer than a hand, and whole numbers in the address. */
const GRID = 2
/** A point is left out if it is at most this many pixels away from the simplified line. */
const TOLERANCE = 0.6

/** Round to the grid of the address, so that a link gives exactly the same drawing. */
export const snap = (value: number) => Math.round(value * GRID) / GRID

/** Leave out points that the line does not need (the Ramer–Douglas–Peucker algorithm). */
export function simplify(points: readonly Point[]): Point[] {
  const kept = new Uint8Array(points.length)
  kept[0] = kept[points.length - 1] = 1
  const spans: [number, number][] = [[0, points.length - 1]]
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, last] = span
    let farthest = 0
    let most = TOLERANCE
    for (let k = first + 1; k < last; k++) {
      const distance = fromSegment(points[k]!, points[first]!, points[last]!)
      if (distance > most) [farthest, most] = [k, distance]
    }
    if (!farthest) continue
    kept[farthest] = 1
    spans.push([first, farthest], [farthest, last])
  }
  return points.filter((_, k) => kept[k])
}

function fromSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const along = length ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0
  return Math.hypot(x - ax - along * dx, y - ay - along * dy)
}

/** Move strokes by whole or half pixels. */
export function moved(strokes: readonly Stroke[], dx: number, dy: number): Stroke[] {
  return strokes.map(({ width, points }) => ({
    width,
    points: points.map(([x, y]): Point => [x + dx, y + dy]),
  }))
}

/** Write strokes as text for an address: the steps between points, seven bits per byte, base64url. */
export function encodeStrokes(strokes: readonly Stroke[]): string {
  const bytes: number[] = []
  const whole = (value: number) => {
    for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
    bytes.push(value)
  }
  // Zigzag encoding: small numbers of either sign become small positive numbers.
  const signed = (value: number) => whole(((value << 1) ^ (value >> 31)) >>> 0)
  for (const { width, points } of strokes) {
    whole(Math.round(width))
    whole(points.length)
    let [atX, atY] = [0, 0]
    for (const point of points) {
      const [x, y] = [Math.round(point[0] * GRID), Math.round(point[1] * GRID)]
      signed(x - atX)
      signed(y - atY)
      ;[atX, atY] = [x, y]
    }
  }
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

/** Read the text of `encodeStrokes`. Corrupt text gives the strokes before the error. */
export function decodeStrokes(text: string): Stroke[] {
  const strokes: Stroke[] = []
  let bytes: string
  try {
    bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return strokes
  }
  let at = 0
  const whole = () => {
    let value = 0
    for (let shift = 0; at < bytes.length && shift < 35; shift += 7) {
      const byte = bytes.charCodeAt(at++)
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
    return NaN
  }
  const signed = () => {
    const value = whole()
    return Number.isNaN(value) ? NaN : (value >>> 1) ^ -(value & 1)
  }
  while (at < bytes.length) {
    const [width, length] = [whole(), whole()]
    // A point takes at least two bytes, so a greater length is corrupt.
    if (!(width >= 1 && width <= 200 && length >= 1 && length <= bytes.length)) break
    const points: Point[] = []
    let [x, y] = [0, 0]
    for (let k = 0; k < length; k++) {
      ;[x, y] = [x + signed(), y + signed()]
      if (Number.isNaN(x + y)) return strokes
      points.push([x / GRID, y / GRID])
    }
    strokes.push({ width, points })
  }
  return strokes
}

/** Draw strokes as round, smooth lines in the context's colour. */
export function paintStrokes(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  strokes: readonly Stroke[],
): void {
  context.lineCap = context.lineJoin = 'round'
  for (const { width, points } of strokes) {
    context.lineWidth = width
    context.beginPath()
    const [first, ...rest] = points
    context.moveTo(...first!)
    // The curve goes through the middle of each segment and bends towards its points, so it has no corners.
    rest.forEach((point, k) => {
      const next = rest[k + 1]
      if (!next) context.lineTo(...point)
      else context.quadraticCurveTo(...point, (point[0] + next[0]) / 2, (point[1] + next[1]) / 2)
    })
    if (!rest.length) context.lineTo(first![0], first![1] + 0.01)
    context.stroke()
  }
}
