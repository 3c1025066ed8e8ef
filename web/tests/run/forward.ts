// Runs networks on images, for tests/page/test_forward.py. Each folder on the command line holds config.json,
// model.safetensors and images.bin (uint8, one image after another). The script writes stages.bin (float32:
// the values of every layer for each image) and answers.json into the folder.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answer } from '../../src/network/answer.ts'
import { product } from '../../src/network/arithmetic.ts'
import { readArtifact } from '../../src/network/artifact.ts'
import { forward } from '../../src/network/forward.ts'

for (const folder of process.argv.slice(2)) {
  const weights = Uint8Array.from(readFileSync(join(folder, 'model.safetensors')))
  const artifact = readArtifact(folder, readFileSync(join(folder, 'config.json'), 'utf8'), weights.buffer)
  const images = Uint8Array.from(readFileSync(join(folder, 'images.bin')))
  const size = product(artifact.inputShape)
  const values: Float32Array[] = []
  const answers = []
  for (let start = 0; start < images.length; start += size) {
    const image = images.subarray(start, start + size)
    const stages = forward(artifact, image)
    values.push(...stages.map((stage) => stage.values))
    answers.push(answer(artifact, stages[stages.length - 1].values, { image, several: false }))
  }
  writeFileSync(join(folder, 'stages.bin'), Buffer.concat(values.map((one) => Buffer.from(one.buffer))))
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers))
}
