// Small networks and files for tests.

import type { Artifact } from '../../src/network/artifact.ts'
import type { Layer } from '../../src/network/layers.ts'
import { readLayer } from '../../src/network/layers.ts'

type Given = Partial<Artifact> & { numbers?: Record<string, number[]> }

/** Make a network of layers in the form of config.json. Pixels are not normalized. */
export function made(inputShape: number[], layers: object[], given: Given = {}): Artifact {
  const { numbers = {}, ...rest } = given
  return {
    name: 'made',
    inputShape,
    layers: layers.map((layer): Layer => readLayer(layer)),
    classes: ['a', 'b', 'c'],
    pictures: 'plain',
    normalization: { scale: 1, offset: 0 },
    calibration: { temperature: null, thresholds: [], most_none: null },
    origin: {},
    otherMembers: 0,
    parameters: new Map(Object.entries(numbers).map(([name, values]) => [name, Float32Array.from(values)])),
    ...rest,
  }
}

/** Make a safetensors file of a header and bytes. */
export function file(header: unknown, data: Uint8Array, length?: number): ArrayBuffer {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes.buffer
}

/** Make a safetensors file of float32 or int8 tensors. */
export function tensors(given: Record<string, { shape: number[]; values: number[]; bytes?: boolean }>): ArrayBuffer {
  const header: Record<string, unknown> = {}
  const all: number[] = []
  for (const [name, { shape, values, bytes }] of Object.entries(given)) {
    const data = new Uint8Array((bytes ? Int8Array : Float32Array).from(values).buffer)
    header[name] = { dtype: bytes ? 'I8' : 'F32', shape, data_offsets: [all.length, all.length + data.length] }
    all.push(...data)
  }
  return file(header, Uint8Array.from(all))
}
