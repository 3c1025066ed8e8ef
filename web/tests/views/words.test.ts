import { describe, expect, test } from 'vitest'
import { amounts, columnWords, stretches, verdict } from '../../src/views/read/words.ts'

const reading = { path: null, text: '1998', confidence: 0.987, rejected: false, digits: [] }

describe('a reading in words', () => {
  test.each([
    [null, 'blank', 'Write a number', ''],
    [reading, 'sure', '1998', '98.7% sure'],
    [{ ...reading, confidence: 0.99999 }, 'sure', '1998', '>99.9% sure'],
    [{ ...reading, rejected: true }, 'rejected', 'Not sure', 'perhaps 1998, 98.7%'],
    [{ ...reading, text: '', rejected: true }, 'rejected', 'Not sure', 'no digits found'],
    [{ ...reading, text: '' }, 'nothing', 'No number', 'no digits found'],
  ])('%j', (given, state, text, detail) => {
    expect(verdict(given)).toEqual({ state, text, detail })
  })
})

test.each([
  ['275000', '275,000', '2,750.00'],
  ['1998', '1,998', '19.98'],
  ['7', '7', '0.07'],
  ['42', '42', '0.42'],
  ['00042', '42', '0.42'],
  ['0', '0', '0.00'],
  ['12345678901234567890', '12,345,678,901,234,567,890', '123,456,789,012,345,678.90'],
])('%s as a number and with cents', (text, whole, cents) => {
  expect(amounts(text)).toEqual({ whole, cents })
})

test.each(['', '12a', '-1', '1.5'])('%j is no amount', (text) => expect(amounts(text)).toBeNull())

test('the stretches of a path cover it', () => {
  const path = [10, 10, 2, 2, 10, 0, 10, 0, 0]
  const found = stretches(path)
  expect(found.map(({ symbol }) => symbol)).toEqual([10, 2, 10, 0, 10, 0])
  expect(found.flatMap(({ symbol, first, last }) => Array(last - first + 1).fill(symbol))).toEqual(path)
  expect(stretches([])).toEqual([])
})

test('a column names its probable symbols, the most probable first', () => {
  const trellis = { field: [0, 0, 1, 1] as const, ink: '', columns: [[0.2, 0.795, 0.005]], symbols: ['0', '1', 'none'], path: [1], alternatives: [] }
  expect(columnWords(trellis, 0)).toBe('Column 1 of 1: 1 79.5%, 0 20.0%; the path takes 1')
})
