// Turns pictures into networks' inputs, for tests/page/test_normalise.py. The folder on the command line holds
// pictures.json (for each picture: width, height, channels, and the network's pictures and inputShape) and
// pictures.bin (the bytes of all pictures). The script writes inputs.bin into the folder,
// and several.json: for each picture, whether it shows several digits.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NetworkInput } from '../../src/network/answer.ts'
import { networkInput } from '../../src/picture/network-input.ts'

const folder = process.argv[2]
const bytes = Uint8Array.from(readFileSync(join(folder, 'pictures.bin')))
const inputs: NetworkInput[] = []
let start = 0
for (const { width, height, channels, ...network } of JSON.parse(readFileSync(join(folder, 'pictures.json'), 'utf8'))) {
  const stop = start + width * height * channels
  inputs.push(networkInput({ width, height, channels, data: bytes.slice(start, stop) }, network))
  start = stop
}
writeFileSync(join(folder, 'inputs.bin'), Buffer.concat(inputs.map(({ image }) => image)))
writeFileSync(join(folder, 'several.json'), JSON.stringify(inputs.map(({ several }) => several)))
