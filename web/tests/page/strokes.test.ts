import { describe, expect, it } from 'vitest'
import {
  decodeStrokes,
  encodeStrokes,
  moved,
  simplify,
  snap,
  type Point,
  type Stroke,
} from '../../src/parts/strokes.ts'

const strokes: Stroke[] = [
  {
    width: 22,
    points: [
      [10, 20],
      [30.5, 200],
      [279.5, 0],
    ],
  },
  { width: 8, points: [[0, 0]] },
  {
    width: 44,
    points: [
      [-40, -300.5],
      [1000, 5],
    ],
  },
]

describe('strokes in an address', () => {
  it('are the same after encoding and decoding, whatever their sign and length', () => {
    expect(decodeStrokes(encodeStrokes(strokes))).toEqual(strokes)
    const long = { width: 20, points: Array.from({ length: 500 }, (_, k): Point => [k / 2, (k * 7) % 280]) }
    expect(decodeStrokes(encodeStrokes([long]))).toEqual([long])
  })

  it('use only characters that need no escaping in an address', () => {
    const text = encodeStrokes(strokes)
    expect(text).toMatch(/^[\w-]+$/)
    expect(encodeURIComponent(text)).toBe(text)
  })

  it('keep this format, because old links must still work', () => {
    // 22 wide, 2 points: 10, 20 is +20, +40 half pixels, zigzag 40, 80; then +2, -2 is 4, 3.
    const text = btoa(String.fromCharCode(22, 2, 40, 80, 4, 3))
    expect(decodeStrokes(text)).toEqual([
      {
        width: 22,
        points: [
          [10, 20],
          [11, 19],
        ],
      },
    ])
    expect(
      encodeStrokes([
        {
          width: 22,
          points: [
            [10, 20],
            [11, 19],
          ],
        },
      ]),
    ).toBe(text)
  })

  it.each([
    ['nothing', ''],
    ['not base64', '%%%'],
    ['a stroke without points', btoa(String.fromCharCode(22, 0))],
    ['a stroke cut off', btoa(String.fromCharCode(22, 3, 40, 80))],
    ['a length beyond the text', btoa(String.fromCharCode(22, 255, 255, 255, 15))],
    ['a number that never ends', btoa(String.fromCharCode(...Array(40).fill(255)))],
    ['a pen of no width', btoa(String.fromCharCode(0, 1, 2, 2))],
  ])('%s is no stroke', (_, text) => {
    expect(decodeStrokes(text)).toEqual([])
  })

  it('keep the strokes before an error', () => {
    const text = btoa(String.fromCharCode(22, 1, 40, 80, 22, 3, 1))
    expect(decodeStrokes(text)).toEqual([{ width: 22, points: [[10, 20]] }])
  })
})

describe('simplify', () => {
  it('leaves out points on the line, and keeps its ends and corners', () => {
    const line: Point[] = [
      [0, 0],
      [10, 0.2],
      [20, 0],
      [20, 10],
      [20, 20],
    ]
    expect(simplify(line)).toEqual([
      [0, 0],
      [20, 0],
      [20, 20],
    ])
  })

  it('keeps a dot, and a loop that ends where it began', () => {
    expect(simplify([[5, 5]])).toEqual([[5, 5]])
    expect(
      simplify([
        [0, 0],
        [30, 0],
        [30, 30],
        [0, 0],
      ]),
    ).toEqual([
      [0, 0],
      [30, 0],
      [30, 30],
      [0, 0],
    ])
  })

  it('never moves the line by more than its tolerance', () => {
    const wave = Array.from({ length: 200 }, (_, k): Point => [snap(k), snap(20 * Math.sin(k / 9))])
    const few = simplify(wave)
    expect(few.length).toBeLessThan(60)
    const far = wave.map(([x, y]) => {
      const k = few.findIndex(([next]) => next >= x)
      const [b, a] = [few[k]!, few[Math.max(0, k - 1)]!]
      const at = a[0] === b[0] ? b[1] : a[1] + ((x - a[0]) / (b[0] - a[0])) * (b[1] - a[1])
      return Math.abs(at - y)
    })
    // On a steep line the vertical distance is greater than the distance to the line; the slope is at most 20/9.
    expect(Math.max(...far)).toBeLessThan(0.6 * Math.hypot(1, 20 / 9) + 1e-9)
  })
})

it('moves every point', () => {
  expect(
    moved(
      [
        {
          width: 9,
          points: [
            [1, 2],
            [3, 4],
          ],
        },
      ],
      -10,
      0.5,
    ),
  ).toEqual([
    {
      width: 9,
      points: [
        [-9, 2.5],
        [-7, 4.5],
      ],
    },
  ])
})
