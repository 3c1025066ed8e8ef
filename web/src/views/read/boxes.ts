import type { Reading } from '../../api.ts'
import { percent, svg } from '../../parts/dom.ts'

/** The size of a drawing or a picture. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The service rounds a confidence to six digits. None is 1, so none is shown as 100%. */
const ALMOST = 1 - 1e-6

/** Draw boxes around the digits, over a drawing of the size `paper`. */
export function boxes(paper: Size, picture: Size, reading: Reading): SVGSVGElement {
  // A picture without strokes is shown whole, in the middle (parts/sheet.ts).
  const scale = Math.min(paper.width / picture.width, paper.height / picture.height)
  const left = (paper.width - picture.width * scale) / 2
  const top = (paper.height - picture.height * scale) / 2
  return svg(
    'svg',
    { class: 'read-boxes', viewBox: `0 0 ${paper.width} ${paper.height}`, 'aria-hidden': 'true' },
    ...reading.digits.flatMap(({ text, confidence, box: [x, y, width, height] }) => {
      const [atX, atY] = [left + x * scale, top + y * scale]
      // The text is below the box, or at the bottom of a digit that fills the paper.
      const line = Math.min(atY + height * scale + 9, paper.height - 28)
      const middle = atX + (width * scale) / 2
      const doubtful = confidence < 0.9 ? 'doubtful' : ''
      return [
        svg('rect', { x: atX - 3, y: atY - 3, width: width * scale + 6, height: height * scale + 6, rx: 4, 'data-test': 'box' }),
        svg('text', { x: middle, y: line, 'text-anchor': 'middle', class: doubtful }, text),
        svg('text', { x: middle, y: line + 15, 'text-anchor': 'middle', class: `share ${doubtful}` }, percent(Math.min(confidence, ALMOST), 0)),
      ]
    }),
  )
}
