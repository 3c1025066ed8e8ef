import type { Artifact } from '../network/artifact.ts'
import { networkInput } from '../picture/normalise.ts'
import { look } from './look.ts'

const SIDE = 112
const TIMES = 4

/** Answer to a made stroke some times: browsers compile what has run, and the hand's first is not it. */
export function warmUp(artifact: Artifact): void {
  const data = new Uint8Array(SIDE * SIDE).fill(255)
  for (let row = 30; row < 82; row++) data.fill(0, row * SIDE + 52, row * SIDE + 60)
  for (let k = 0; k < TIMES; k++) {
    look(artifact, networkInput({ width: SIDE, height: SIDE, channels: 1, data }, artifact))
  }
}
