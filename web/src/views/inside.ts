import type { Artifact } from '../network/artifact.ts'
import { sharedDrawing } from '../parts/canvas.ts'
import { h } from '../parts/dom.ts'
import { blankInput, look, NO_SHIFT, placeOf, shifted, type Look } from '../parts/look.ts'
import { sampleButtons, samplesFor } from '../parts/samples.ts'
import { verdict } from '../parts/verdict.ts'
import { networkInput } from '../picture/network-input.ts'
import { onTheme } from '../theme.ts'
import type { View } from '../view.ts'
import { flow, type Flow } from './inside/flow.ts'
import { moveCard } from './inside/move.ts'
import { slopes } from './inside/slopes.ts'
import { layerTable } from './inside/table.ts'
import type { Spot } from './inside/types.ts'
import { unitPanel } from './inside/unit.ts'
import './inside.css'

/** A network on the page: its layers, and its result for the drawing. */
interface Shown {
  readonly artifact: Artifact
  readonly flow: Flow
  readonly answer: HTMLElement
  look: Look | null
}

/** A unit of one of the networks shown. */
interface Place {
  readonly net: number
  readonly spot: Spot
}

/** Pixels of the drawing per pixel of the input. */
const PIXEL = 10
/** The two networks that can be compared: the textbook's with sigmoids, and the modern one with ReLU. */
const PAIR = ['chapter', 'digits'] as const

/** Every layer of a network, from input to output, and how the value of each unit is computed. */
export const view: View = {
  name: 'inside',
  title: 'Look inside',
  kind: 'predict',
  show(root, page) {
    const { address } = page
    let nets: Shown[] = []
    let picked: Place | null = null
    let left = false
    let turn = 0

    const drawing = sharedDrawing(page, 'The drawing', update, () => centre(false))
    const samples = h('div', { class: 'samples', role: 'group', 'aria-label': 'Samples' })
    const pair = h('input', { type: 'checkbox', 'data-test': 'pair' })
    const pairText = h('span')
    const pairLabel = h('label', { class: 'row', hidden: true }, pair, pairText)
    const flows = h('div', { class: 'flows' })
    const jump = h('button', { type: 'button', class: 'unit-jump' })
    const panel = unitPanel((spot, keep) => point(picked?.net ?? 0, spot, keep))
    const comparison = h('section', { class: 'card', 'aria-label': 'Activations compared', 'data-test': 'compare' })
    const moving = moveCard({ centre, move: (dx, dy) => drawing.move(dx * PIXEL, dy * PIXEL) })
    const table = h('section', { class: 'card', 'aria-label': 'Layers' })
    const small = (name: string, title: string, act: () => void) =>
      h('button', { type: 'button', class: 'small', 'data-test': name, onclick: act }, title)
    const lead = h(
      'section',
      { class: 'lead-drawing', 'aria-label': 'Drawing' },
      h(
        'div',
        { class: 'lead-title' },
        h('h3', {}, 'drawing'),
        small('undo', 'Undo', drawing.undo),
        small('clear', 'Clear', drawing.clear),
      ),
      drawing.element,
    )
    const words = 'Point at a unit to see its receptive field and how its value is computed. Click to select it.'
    root.append(
      h('h1', { class: 'visually-hidden' }, 'Look inside'),
      h('div', { class: 'inside-head' }, h('p', { class: 'lead' }, words), samples, pairLabel),
      flows,
      jump,
      panel.element,
      comparison,
      moving.element,
      table,
    )
    // The key has this name because older links use it.
    pair.addEventListener('change', () => address.set('beside', pair.checked ? '1' : null))
    jump.addEventListener('click', () => panel.element.scrollIntoView({ behavior: 'smooth', block: 'start' }))

    // The drawing ------------------------------------------------------------------------------
    function centre(on: boolean): void {
      address.set('place', on ? null : 'free', { replace: true })
    }

    function update(): void {
      if (!nets.length) return
      const [{ artifact }] = nets
      const { inputShape } = artifact
      const free = address.get('place') === 'free'
      const picture = drawing.isEmpty() ? null : drawing.picture()
      // Two networks side by side have the same kind of input, so both get the same image.
      const centred = picture ? networkInput(picture, artifact) : blankInput(inputShape)
      const at = picture && free ? placeOf(picture, inputShape) : NO_SHIFT
      const moved = { ...centred, image: shifted(centred.image, inputShape, at) }
      for (const net of nets) {
        net.look = look(net.artifact, moved)
        net.flow.update(net.look)
        const { text, detail } = verdict(net.look.answer)
        net.answer.textContent = picture ? `${text}, ${detail}` : 'nothing drawn'
      }
      moving.update(artifact, picture ? centred : null, at, free)
      if (nets.length > 1)
        comparison.replaceChildren(...slopes(nets.map((net) => ({ artifact: net.artifact, look: net.look! }))))
      picked ??= fromAddress()
      mark(picked)
    }

    // Units --------------------------------------------------------------------------------------
    function point(net: number, spot: Spot | null, keep: boolean): void {
      if (spot && (keep || panel.walking)) picked = { net, spot }
      if (spot && keep) {
        const { stage, channel, row, column } = spot
        address.set('unit', [stage, channel, row, column, ...(net ? [net] : [])].join('.'), { replace: true })
      }
      mark(spot ? { net, spot } : picked)
    }

    function mark(at: Place | null): void {
      nets.forEach(({ flow }, k) => flow.mark(at?.net === k ? at.spot : null))
      const net = at && nets[at.net]
      if (!at || !net?.look) return
      panel.show(net.artifact, net.look, at.spot)
      jump.textContent = `${panel.summary} ↓`
    }

    function fromAddress(): Place {
      const [stage, channel, row, column, net = 0] = (address.get('unit') ?? '').split('.').map(Number)
      const [count, height = 1, width = 1] = nets[net]?.look?.stages[stage]?.shape ?? []
      const within = [
        [channel, count],
        [row, height],
        [column, width],
      ].every(([at, size]) => at >= 0 && at < size)
      return within
        ? { net, spot: { stage, channel, row, column } }
        : { net: 0, spot: brightest(nets[0].look!) }
    }

    // Networks -----------------------------------------------------------------------------------
    async function use(): Promise<void> {
      const mine = ++turn
      const first = await page.network()
      const other = first.name === PAIR[0] ? PAIR[1] : PAIR[0]
      const names = (await page.networks.list()).map(({ name }) => name)
      const fits =
        names.includes(other) && first.pictures === 'digits' && first.inputShape.join() === '1,28,28'
      const second = fits && address.get('beside') ? await page.networks.get(other) : null
      const offered = await samplesFor(first)
      if (left || mine !== turn) return
      pairLabel.hidden = !fits
      pair.checked = second !== null
      pairText.textContent =
        other === 'chapter'
          ? 'Compare with the textbook’s sigmoid network'
          : 'Compare with the modern ReLU network'
      nets = [first, ...(second ? [second] : [])].map(shown)
      picked = null
      flows.replaceChildren(
        ...nets.map(({ artifact: { name }, answer, flow }) =>
          h(
            'section',
            { class: 'card flow-card', 'aria-label': name },
            h('div', { class: 'flow-title' }, h('h2', {}, name), answer),
            flow.element,
          ),
        ),
      )
      comparison.hidden = nets.length < 2
      table.replaceChildren(h('h2', {}, `${first.name}, layer by layer`), layerTable(first))
      samples.replaceChildren(...sampleButtons(offered.slice(0, 10), drawing))
      // Without a drawing the feature maps would be empty, so the view starts with an example.
      const { key, image } = offered[3]
      if (drawing.isEmpty() && !address.get('ink')) drawing.setImage(image, { key, ink: true, example: true })
      update()
    }

    function shown(artifact: Artifact, k: number): Shown {
      const onPoint = (spot: Spot | null, keep: boolean) => {
        if (!keep && panel.walking) return
        if (keep) panel.settle()
        point(k, spot, keep)
      }
      const answer = h('p', { class: 'flow-answer', role: 'status', 'data-test': 'answer' })
      return { artifact, answer, look: null, flow: flow(artifact, onPoint, k ? null : lead) }
    }

    const forgetTheme = onTheme(update)
    const forgetAddress = address.onChange((changed) => {
      if (changed.has('view')) return
      if (changed.has('network') || changed.has('beside')) use().catch(page.problem)
      else if (changed.has('place')) update()
    })
    const ending = new AbortController()
    let width = innerWidth
    addEventListener(
      'resize',
      () => {
        // On a phone the height changes with the address bar, so only the width counts.
        if (innerWidth === width) return
        width = innerWidth
        for (const { flow } of nets) flow.lay()
      },
      { signal: ending.signal },
    )
    use().catch(page.problem)

    return () => {
      left = true
      ending.abort()
      panel.settle()
      moving.stop()
      forgetTheme()
      forgetAddress()
      drawing.close()
    }
  },
}

/** The unit with the greatest value in the first convolutional layer. */
function brightest({ stages }: Look): Spot {
  const stage = Math.max(
    1,
    stages.findIndex(({ layer }) => layer?.layer === 'convolution'),
  )
  const { shape, values } = stages[stage]
  const [, height = 1, width = 1] = shape
  const at = values.reduce((best, value, k) => (value > values[best] ? k : best), 0)
  return {
    stage,
    channel: Math.floor(at / (height * width)),
    row: Math.floor(at / width) % height,
    column: at % width,
  }
}
