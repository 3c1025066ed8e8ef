// The fixed weights of the Gaussian output units: Proc. IEEE 86(11), 1998, Figure 3 (page 9).

import bitmaps from '../../../src/lenet/networks/bitmaps.json' with { type: 'json' }

/** The 84 weights of a character, row by row: +1 for ink, -1 for background. */
export function bitmapOf(character: string): Float32Array {
  const drawn = (bitmaps as Record<string, string>)[character]
  if (drawn === undefined) throw new Error(`there is no bitmap for ${JSON.stringify(character)}`)
  return Float32Array.from(drawn.replaceAll(' ', ''), (cell) => (cell === '#' ? 1 : -1))
}
