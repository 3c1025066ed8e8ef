import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Watched } from '../../src/views/train/runs.ts'

vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined })
let runs: typeof import('../../src/views/train/runs.ts')
let words: typeof import('../../src/views/train/remarks.ts')
beforeAll(async () => {
  runs = await import('../../src/views/train/runs.ts')
  words = await import('../../src/views/train/remarks.ts')
})

const SETTINGS = { data: 'mnist', recipe: 'chapter', activation: 'sigmoid', pooling: 'avg', learning_rate: 0.9, epochs: 2, batch_size: 256, seed: 0 } as const

/** Make a training with these accuracies, one per tenth of an epoch. */
function training(accuracies: readonly number[], changes: Partial<Watched> = {}): Watched {
  const steps = accuracies.map((accuracy, k) => ({ step: (k + 1) * 23, epoch: (k + 1) / 10, loss: 1, accuracy, seconds: (k + 1) / 2 }))
  return { id: 1, settings: SETTINGS, colour: 0, state: 'running', note: '', classes: 10, images: 60000, steps, epochs: [], ...changes }
}
const chance = Array<number>(12).fill(0.1)

describe('remarks', () => {
  test.each([
    ['a sigmoid waits', () => training(chance), /about 10%, no better than guessing.*it may take an epoch or more/],
    ['a sigmoid never learnt', () => training(chance, { state: 'done' }), /Try more epochs/],
    ['it learnt nothing', () => training(chance, { state: 'done', note: 'the network learned nothing; try another seed' }), /^The network learned nothing; try another seed\.$/],
    ['ReLU is inactive', () => training(chance, { settings: { ...SETTINGS, activation: 'relu' } }), /Try 0\.09\.$/],
    ['it learnt late', () => training([...chance, ...Array<number>(12).fill(0.9)]), /^For 1\.3 epochs the accuracy was no better/],
    ['it learns at once', () => training([0.8, 0.9]), /better than guessing after 0\.1 epochs/],
    ['nothing yet', () => training([]), /random/],
    ['it failed', () => training([], { state: 'failed', note: 'the loss became infinite' }), /^The training failed: the loss became infinite\.$/],
    ['data is loading', () => training([], { state: 'loading', note: 'mnist: 3 of 9 bytes' }), /^mnist: 3 of 9 bytes$/],
  ])('%s', (_, run, expected) => expect(words.remark(run())).toMatch(expected))

  test('a gap to the test accuracy is mentioned if it lasts', () => {
    const of = (...accuracies: number[]) =>
      accuracies.map((test_accuracy, k) => ({ epoch: k + 1, train_loss: 0, train_accuracy: 0.99, test_accuracy, seconds: 1 }))
    const remark = (...accuracies: number[]) => words.remark(training([0.9], { epochs: of(...accuracies) }))
    expect(remark(0.9)).toMatch(/After 1 epoch the test accuracy is 90\.0%\.$/)
    expect(remark(0.9, 0.985, 0.9)).toMatch(/After 3 epochs the test accuracy is 90\.0%\.$/)
    expect(remark(0.985, 0.9, 0.91, 0.9)).toMatch(/After 4 epochs .* On training images it is 9\.0 percentage points higher/)
  })
})

describe('comparisons', () => {
  const names = ['run 2', 'run 1'] as const
  const quick = training([0.9, 0.9], { settings: { ...SETTINGS, activation: 'relu' } })
  test.each([
    ['one setting', quick, training(chance), 'With ReLU the accuracy exceeded 70% after 0.1 epochs; with sigmoid it never did.'],
    ['both got there', quick, training([0.1, 0.1, 0.9, 0.9, 0.9, 0.9]), /^With ReLU .* after 0\.1 epochs, with sigmoid after 0\.[456]\.$/],
    ['two settings', { ...quick, settings: { ...quick.settings, seed: 1 } }, training(chance), /^With run 2 .*with run 1 it never did/],
    ['other data', { ...quick, settings: { ...quick.settings, data: 'fashion-mnist' } }, training(chance), null],
    ['the same settings', training([0.9]), training(chance), null],
    ['not yet', training(chance, { settings: { ...SETTINGS, seed: 1 } }), quick, null],
  ])('%s', (_, now, before, expected) => {
    const found = words.comparison(now, before, names)
    if (expected instanceof RegExp) expect(found).toMatch(expected)
    else expect(found).toBe(expected)
  })
})

test('smoothing is an exponential mean', () => {
  expect(runs.smooth([3, 3, 3], 4)).toEqual([3, 3, 3])
  // By hand: (1·0.5 + 2) / (0.5 + 1)
  expect(runs.smooth([1, 2], 2)[1]).toBeCloseTo(2.5 / 1.5, 12)
  expect(runs.smooth([], 4)).toEqual([])
})

test.each([0, 1, 7, 100, 101, 1999])('at most 100 of %i points are kept, and the last one always', (length) => {
  const points = [...Array(length).keys()]
  const kept = runs.thinned(points, 100)
  expect(kept.length).toBeLessThanOrEqual(100)
  expect(kept.at(-1)).toBe(points.at(-1))
  expect(kept.length).toBeGreaterThanOrEqual(Math.min(length, 50))
})

test('speed is that of the last second', () => {
  // Two steps of a tenth of an epoch take a second: 12,000 of 60,000 images.
  expect(runs.speed(training([0.1, 0.1, 0.1, 0.1]))).toEqual({ images: expect.closeTo(12000, 6), steps: expect.closeTo(46, 6) })
  expect(runs.speed(training([0.1]))).toBeNull()
  expect(runs.speed(training([]))).toBeNull()
})

test('the seventh training replaces the oldest, and takes its colour', () => {
  for (let id = 1; id <= 7; id++) runs.watch(id, SETTINGS)
  expect(runs.watched.map(({ id }) => id)).toEqual([2, 3, 4, 5, 6, 7])
  expect(new Set(runs.watched.map(({ colour }) => colour)).size).toBe(6)
  const again = runs.watch(7, SETTINGS)
  expect(runs.watched).toHaveLength(6)
  runs.applyEvent(again, 'started', { images: 60, classes: ['a', 'b'] })
  runs.applyEvent(again, 'step', { step: 1, epoch: 0.1, loss: 1, accuracy: 0.5, seconds: 0.1 })
  expect(again).toMatchObject({ state: 'running', classes: 2, images: 60 })
  expect(runs.applyEvent(again, 'failed', { error: 'no disk' })).toBe(true)
  expect(again).toMatchObject({ state: 'failed', note: 'no disk' })
  // When all events are sent again, no step is there twice.
  expect(runs.watch(7, SETTINGS).steps).toEqual([])
})
