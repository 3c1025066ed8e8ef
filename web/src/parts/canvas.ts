import type { Artifact } from '../network/artifact.ts'
import type { Page } from '../view.ts'
import { drawing, type Drawing } from './drawing.ts'
import { sample } from './samples.ts'
import { kept } from './uploads.ts'

/** The side of the square drawing, ten of its pixels to one of the network's. */
export const SIDE = 280
/** Four pixels to one of the network's are enough to find the ink in, and few enough for every move. */
const DENSITY = 0.4

/** The drawing that Draw and Look inside share, kept in the address under `ink`. */
export function sharedDrawing(page: Page, label: string, onChange: () => void, onMove = () => {}): Drawing {
  let frame = 0
  // What the address says is not written back: a picture of it may still be on its way.
  let reading = false
  const self = drawing({
    width: SIDE,
    height: SIDE,
    label,
    onMove,
    density: DENSITY,
    pen: Number(sessionStorage.getItem('lenet.pen')) || 22,
    onChange() {
      if (!reading) page.address.set('ink', self.encode() || null, { replace: true })
      // A hand may move more often than the screen shows.
      frame ||= requestAnimationFrame(() => {
        frame = 0
        onChange()
      })
    },
    async resolve(key) {
      const found = await sample(key)
      if (found) return { image: found.image, ink: true }
      const image = await kept(key)
      return image && { image, ink: false }
    },
  })
  const follow = () => {
    const ink = page.address.get('ink') ?? ''
    if (ink === self.encode()) return
    reading = true
    self.decode(ink)
    reading = false
  }
  const forget = page.address.onChange((changed) => changed.has('ink') && follow())
  const close = self.close
  follow()
  return Object.assign(self, {
    close() {
      cancelAnimationFrame(frame)
      forget()
      close()
    },
  })
}

/** What was done to a picture before the network saw it, in a sentence. */
export function treatment(artifact: Artifact): string {
  const [channels, height, width] = artifact.inputShape
  const size = `${height} × ${width}`
  switch (artifact.pictures) {
    case 'digits':
      return (
        'The ink is found, cut out and scaled to fit 20 × 20; its centre of mass goes into the middle of ' +
        `${size}. MNIST’s digits were made the same way.`
      )
    case 'clothing':
      return (
        'The article is found, cut out and scaled to fit 28 × 28, light on black, as Fashion-MNIST’s ' +
        'photographs were.'
      )
    default:
      return `The picture is scaled to ${size}${channels === 3 ? ', in colour' : ''}.`
  }
}
