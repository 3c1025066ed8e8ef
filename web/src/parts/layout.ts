// The places of a layer's units on its canvas: feature maps in rows, or a strip of units.

/** A unit: its place in a feature map, or its index in a vector (then row and column are 0). */
export interface Unit {
  readonly channel: number
  readonly row: number
  readonly column: number
}

/** A rectangle in CSS pixels of the layer's canvas. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The sizes and the order in which a layer is drawn. */
export interface Layout {
  readonly shape: readonly number[]
  /** Feature maps, or units of a vector, per row. */
  readonly columns: number
  /** CSS pixels per value. */
  readonly cell: number
  /** CSS pixels between maps. */
  readonly gap: number
  readonly width: number
  readonly height: number
}

/** The space for a layer. */
export interface Room {
  /** The greatest height of a layer if the layers are drawn from left to right. */
  readonly height: number
  /** The greatest width of a layer if they are drawn from top to bottom; null: from left to right. */
  readonly width: number | null
  /** 1 is the usual size. */
  readonly zoom: number
}

/** Lay out a layer of this shape; `bitmap` draws 84 units as a 7 × 12 bitmap. */
export function layoutOf(shape: readonly number[], room: Room, bitmap = false): Layout {
  return shape.length === 3 ? maps(shape, room) : units(shape, room, bitmap)
}

function maps(shape: readonly number[], { height: tall, width: wide, zoom }: Room): Layout {
  const [count, height, width] = shape
  // Small maps get larger cells to be visible, but remain smaller than large maps.
  const wish = (11.5 * zoom * Math.sqrt(Math.max(height, width))) / Math.max(height, width)
  const cell = Math.max(1, Math.round(wish * 2) / 2)
  const gap = Math.max(height, width) > 2 ? 4 : 1
  const most = (room: number, side: number) => Math.max(1, Math.floor((room + gap) / (side * cell + gap)))
  let columns: number
  if (wide === null) {
    columns = Math.ceil(count / most(tall, height))
  } else {
    const rows = Math.ceil(count / most(wide, width))
    columns = Math.ceil(count / rows)
  }
  const rows = Math.ceil(count / columns)
  return {
    shape,
    columns,
    cell,
    gap,
    width: columns * (width * cell + gap) - gap,
    height: rows * (height * cell + gap) - gap,
  }
}

function units(shape: readonly number[], { height: tall, width: wide, zoom }: Room, bitmap: boolean): Layout {
  const [count] = shape
  let cell = Math.round((count <= 20 ? 14 : 8) * zoom)
  let across = bitmap ? 7 : count <= 20 ? 1 : count <= 200 ? 4 : 8
  if (wide !== null && !bitmap) across = Math.min(Math.ceil(count / across), Math.floor(wide / cell))
  while (wide === null && cell > 2 && Math.ceil(count / across) * cell > tall) cell--
  while (wide === null && Math.ceil(count / across) * cell > tall) across *= 2
  return {
    shape,
    columns: across,
    cell,
    gap: 0,
    width: across * cell,
    height: Math.ceil(count / across) * cell,
  }
}

/** The box of a feature map, or of a unit of a vector. */
export function mapBox({ shape, columns, cell, gap }: Layout, channel: number): Box {
  const [, height = 1, width = 1] = shape
  return {
    x: (channel % columns) * (width * cell + gap),
    y: Math.floor(channel / columns) * (height * cell + gap),
    width: width * cell,
    height: height * cell,
  }
}

/** The box of some cells of a map, by default of one. Cells outside the map are cut off. */
export function cellBox(layout: Layout, { channel, row, column }: Unit, rows = 1, columns = rows): Box {
  const map = mapBox(layout, channel)
  const [, height = 1, width = 1] = layout.shape
  const [left, right] = [Math.max(0, column), Math.min(width, column + columns)]
  const [top, bottom] = [Math.max(0, row), Math.min(height, row + rows)]
  return {
    x: map.x + left * layout.cell,
    y: map.y + top * layout.cell,
    width: Math.max(0, right - left) * layout.cell,
    height: Math.max(0, bottom - top) * layout.cell,
  }
}

/** The unit at a point; null if there is none. */
export function unitAt(layout: Layout, x: number, y: number): Unit | null {
  const [count, height = 1, width = 1] = layout.shape
  const [acrossMap, downMap] = [width * layout.cell + layout.gap, height * layout.cell + layout.gap]
  const [mapColumn, mapRow] = [Math.floor(x / acrossMap), Math.floor(y / downMap)]
  const channel = mapRow * layout.columns + mapColumn
  const column = Math.floor((x - mapColumn * acrossMap) / layout.cell)
  const row = Math.floor((y - mapRow * downMap) / layout.cell)
  const within = mapColumn >= 0 && mapColumn < layout.columns && mapRow >= 0 && channel < count
  return within && row < height && column < width ? { channel, row, column } : null
}
