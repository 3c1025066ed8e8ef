import type { TrainingSettings } from '../api.ts'
import { chart, type Series } from '../parts/chart.ts'
import { count, h, percent } from '../parts/dom.ts'
import type { View } from '../view.ts'
import { live as makeLive } from './train/live.ts'
import { comparison, remark, settingsWords } from './train/remarks.ts'
import { applyEvent, remove, smooth, speed, store, thinned, watch, watched, type Watched } from './train/runs.ts'
import { settingsForm } from './train/settings.ts'
import './train.css'

/** The response of `GET /v1/training`. */
interface Training {
  /** Why the service cannot train, for example a package to install; null if it can. */
  readonly training: { readonly id: number; readonly settings: TrainingSettings; readonly running: boolean } | null
}

/** The greatest number of points of a line in the charts. */
const POINTS = 240

/** Train LeNet and watch its progress. */
export const view: View = {
  name: 'train',
  title: 'Train',
  show(root, page) {
    let left = false
    let now: Watched | null = null
    let following: AbortController | null = null
    let drawn = false

    const start = h('button', { type: 'submit', class: 'primary', 'data-test': 'start' }, 'Start')
    const stop = h('button', { type: 'button', 'data-test': 'stop', disabled: true, onclick: () => void page.api.stopTraining().catch(page.problem) }, 'Stop')
    const form = settingsForm(page.address, () => void begin(), start, stop)
    const remarkText = h('p', { class: 'train-remark', role: 'status', 'data-test': 'remark' })
    const versus = h('p', { class: 'soft', 'data-test': 'comparison' })
    const rates = h('p', { class: 'train-rates', 'data-test': 'rates' })
    const loss = chart({ title: 'Loss', x: 'epochs', y: '', xMin: 0, yMin: 0 })
    const accuracy = chart({ title: 'Accuracy (dashed: on test images)', x: 'epochs', y: '', xMin: 0, yMin: 0, yMax: 1, asPercent: true })
    const runs = h('ul', { class: 'train-runs', 'data-test': 'runs' })
    const live = makeLive(page)

    root.append(
      h('h1', { class: 'visually-hidden' }, 'Train and watch'),
      h(
        'div',
        { class: 'train' },
        h('section', { class: 'card', 'aria-label': 'Settings' }, form.element),
        h(
          'div',
          { class: 'train-main' },
          h('div', { class: 'train-says' }, remarkText, versus, rates),
          h('section', { class: 'card stack', 'aria-label': 'Curves' }, h('div', { class: 'train-charts' }, loss.element, accuracy.element), runs),
          live.element,
        ),
      ),
    )

    async function begin(): Promise<void> {
      if (!form.valid()) return
      const settings = form.read()
      start.disabled = true
      try {
        const { id } = await page.api.train(settings)
        page.problem(null)
        if (!left) await follow(id, settings)
      } catch (error) {
        page.problem(error)
      } finally {
        update()
      }
    }

    async function follow(id: number, settings: TrainingSettings): Promise<void> {
      following?.abort()
      following = new AbortController()
      const run = (now = watch(id, settings))
      live.reset()
      update()
      let over = false
      await page.api.events(
        `v1/training/events?id=${id}`,
        (name, data) => {
          over = applyEvent(run, name, data) || over
          if (name === 'weights') live.refresh()
          schedule()
        },
        following.signal,
      )
      if (left) return
      if (!over) Object.assign(run, { state: 'failed', note: 'the service stopped before the end of the training' })
      store()
      update()
    }

    // Events may come faster than the screen is refreshed, so the page updates once per frame.
    function schedule(): void {
      if (drawn) return
      drawn = true
      requestAnimationFrame(() => {
        drawn = false
        if (!left) update()
      })
    }

    function update(): void {
      const busy = now !== null && (now.state === 'loading' || now.state === 'running')
      start.disabled = busy
      start.textContent = watched.length ? 'Run again' : 'Start'
      stop.disabled = !busy
      remarkText.textContent = now ? remark(now) : 'Train LeNet here, in a few seconds. Choose the settings and press Start. The charts compare all runs.'
      const compared = watched.flatMap((run) => (now && run !== now ? (comparison(now, run, [name(now), name(run)]) ?? []) : []))
      versus.textContent = compared.at(-1) ?? ''
      paintRates()
      paintCharts()
      paintRuns()
    }

    function paintRates(): void {
      const rate = now && speed(now)
      const seconds = now?.steps.at(-1)?.seconds
      const parts: [string, string][] = []
      if (rate && now!.state === 'running') parts.push([count(rate.images), 'images/s'], [count(rate.steps), 'steps/s'])
      if (seconds !== undefined) parts.push([seconds.toFixed(1), 's of training'])
      rates.replaceChildren(...parts.map(([value, unit]) => h('span', {}, h('b', {}, value), ` ${unit}`)))
    }

    function paintCharts(): void {
      const line = (run: Watched, of: 'loss' | 'accuracy'): Series => {
        const values = smooth(run.steps.map((step) => step[of]), 6)
        const points = run.steps.map((step, k): [number, number] => [step.epoch, values[k]!])
        return { name: name(run), colour: run.colour, points: thinned(points, POINTS) }
      }
      // Both charts end at the same epoch: the last step of an epoch is a little before its end.
      const end = Math.max(0, ...watched.flatMap((run) => [run.steps.at(-1)?.epoch ?? 0, run.epochs.at(-1)?.epoch ?? 0]))
      loss.update(watched.map((run) => line(run, 'loss')), end)
      accuracy.update([
        ...watched.map((run) => line(run, 'accuracy')),
        ...watched.map((run): Series => ({
          name: `${name(run)} on test images`,
          colour: run.colour,
          dashed: true,
          points: run.epochs.map(({ epoch, test_accuracy }): [number, number] => [epoch, test_accuracy ?? 0]),
        })),
      ], end)
    }

    function name(run: Watched): string {
      return `run ${watched.indexOf(run) + 1}`
    }

    let listed = ''
    function paintRuns(): void {
      // The list is replaced only if it changes: a button that is replaced while it is pressed loses the click.
      const rows = watched.map((run) => ({ run, what: settingsWords(run.settings), result: resultWords(run), busy: run === now && !stop.disabled }))
      const text = JSON.stringify(rows.map(({ what, result, busy }) => [what, result, busy]))
      if (text === listed) return
      listed = text
      runs.replaceChildren(
        ...rows.map(({ run, what, result, busy }, k) =>
          h(
            'li',
            { class: `colour-${run.colour}`, 'data-test': 'run' },
            h('span', { class: 'what' }, `${k + 1}  ${what}`),
            h('span', { class: 'result' }, result),
            h('button', { type: 'button', disabled: busy, 'aria-label': `Remove run ${k + 1}`, onclick: () => removeRun(run) }, 'Remove'),
          ),
        ),
      )
    }

    function removeRun(run: Watched): void {
      remove(run)
      if (run === now) now = watched.at(-1) ?? null
      update()
    }

    async function open(): Promise<void> {
      const { training } = await page.api.json<Training>('v1/training')
      if (left) return
      now = watched.at(-1) ?? null
      update()
      if (training) await follow(training.id, training.settings)
    }
    update()
    open().catch(page.problem)

    return () => {
      left = true
      following?.abort()
      live.close()
      store()
    }
  },
}

function resultWords({ state, epochs }: Watched): string {
  const last = epochs.at(-1)
  const result = last?.test_accuracy != null ? `test accuracy ${percent(last.test_accuracy)}` : ''
  return [result, state === 'running' || state === 'done' ? '' : state].filter(Boolean).join(', ')
}
