import { h } from './dom.ts'
import { shade, type Palette, type Scale } from './maps.ts'

/** A grid of coloured numbers: a kernel, a patch or products. `ring` marks one cell. */
export function numberGrid(
  values: readonly number[],
  columns: number,
  scale: Scale,
  colours: Palette,
  options: { readonly title: string; readonly numbers: boolean; readonly ring?: number },
): HTMLElement {
  const cells = values.map((value, k) => {
    const word = shade(scale, colours, value)
    const [red, green, blue] = [word & 255, (word >> 8) & 255, (word >> 16) & 255]
    const cell = h(
      'span',
      { class: k === options.ring ? 'cell ring' : 'cell' },
      options.numbers ? brief(value) : '',
    )
    cell.style.background = `rgb(${red} ${green} ${blue})`
    cell.style.color = luminance(red, green, blue) > 0.179 ? '#000' : '#fff'
    return cell
  })
  const grid = h('div', { class: options.numbers ? 'grid numbers' : 'grid' }, ...cells)
  grid.style.gridTemplateColumns = `repeat(${columns}, 1fr)`
  return h('figure', { class: 'grid-figure' }, grid, h('figcaption', {}, options.title))
}

/** Format a number in at most five characters, the width of a cell. */
function brief(value: number): string {
  if (Math.abs(value) < 0.005) return '0'
  const size = Math.abs(value)
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2).replace('-', '−')
}

/** Relative luminance (WCAG 2): at 0.179 black and white ink are equally easy to read. */
function luminance(...rgb: readonly [number, number, number]): number {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
