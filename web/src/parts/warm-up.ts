import type { Artifact } from '../network/artifact.ts'
import { networkInput } from '../picture/network-input.ts'
import { look } from './look.ts'

const SIDE = 112
const RUNS = 4

/** Run the network on an artificial stroke, so that the browser compiles the code before the first real stroke. */
export function warmUp(artifact: Artifact): void {
  const data = new Uint8Array(SIDE * SIDE).fill(255)
  for (let row = 30; row < 82; row++) data.fill(0, row * SIDE + 52, row * SIDE + 60)
  for (let k = 0; k < RUNS; k++) {
    look(artifact, networkInput({ width: SIDE, height: SIDE, channels: 1, data }, artifact))
  }
}
