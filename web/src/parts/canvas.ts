import type { Artifact } from '../network/artifact.ts'
import type { Page } from '../view.ts'
import { drawing, type Drawing } from './drawing.ts'
import { sample } from './samples.ts'
import { storedPicture } from './uploads.ts'

/** The side of the square drawing: ten pixels per pixel of a 28 × 28 input. */
export const SIDE = 280
/** The picture has four pixels per input pixel: enough to find the ink, and fast enough for every pen move. */
const DENSITY = 0.4

/** The drawing that Draw, Look inside and Train share; the address keeps it under `ink`. */
export function sharedDrawing(page: Page, label: string, onChange: () => void, onMove = () => {}): Drawing {
  let frame = 0
  // A drawing from the address is not written back, because its picture may still be loading.
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
      // The pen may move more often than the screen is refreshed.
      frame ||= requestAnimationFrame(() => {
        frame = 0
        onChange()
      })
    },
    async resolve(key) {
      const found = await sample(key)
      if (found) return { image: found.image, ink: true }
      const image = await storedPicture(key)
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

/** The preprocessing of a picture, in a sentence. */
export function preprocessing(artifact: Artifact): string {
  const [channels, height, width] = artifact.inputShape
  const size = `${height}\u00a0×\u00a0${width}`
  switch (artifact.pictures) {
    case 'digits':
      return (
        'The page finds the ink, scales it to fit 20\u00a0×\u00a020 pixels, and puts its centre of mass at the centre of ' +
        `${size} pixels. The images of MNIST were made in the same way.`
      )
    case 'clothing':
      return (
        'The page finds the article, cuts it out, and scales it to fit 28\u00a0×\u00a028 pixels, light on black. ' +
        'The images of Fashion-MNIST were made in the same way.'
      )
    default:
      return `The page scales the picture to ${size} pixels${channels === 3 ? ', in colour' : ''}.`
  }
}
