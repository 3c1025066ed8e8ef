// The file format of the weights: eight bytes for the length of the header, a JSON header, then the numbers.
// https://github.com/huggingface/safetensors

export interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array | Int8Array
}

const KINDS = { F32: Float32Array, I8: Int8Array }

/**
 * Read all tensors of a file by name. Only float32 and int8 are supported. Throws an Error of one
 * sentence if a byte is missing, left over or used twice.
 */
export function readSafetensors(file: ArrayBuffer): Map<string, Tensor> {
  if (file.byteLength < 8) throw new Error('it is too short for a safetensors file')
  const length = Number(new DataView(file).getBigUint64(0, true))
  if (length > file.byteLength - 8) throw new Error('its header is longer than the file')
  const tensors = new Map<string, Tensor>()
  const data = 8 + length
  const spans: [number, number][] = []
  for (const [name, entry] of Object.entries(header(new Uint8Array(file, 8, length)))) {
    if (name === '__metadata__') continue
    const { kind, shape, start, stop } = checked(name, entry, file.byteLength - data)
    // The bytes are copied, because a Float32Array must start at a multiple of four bytes.
    tensors.set(name, { shape, values: new kind(file.slice(data + start, data + stop)) })
    spans.push([start, stop])
  }
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  let end = 0
  for (const [start, stop] of spans) {
    if (start !== end) throw new Error('its tensors overlap or leave a gap')
    end = stop
  }
  if (end !== file.byteLength - data) throw new Error('there are bytes behind its last tensor, or bytes are missing')
  return tensors
}

function header(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Error('its header is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('its header is not an object')
  }
  return value as Record<string, unknown>
}

interface Place {
  readonly kind: typeof Float32Array | typeof Int8Array
  readonly shape: number[]
  readonly start: number
  readonly stop: number
}

function checked(name: string, entry: unknown, size: number): Place {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>
  if (dtype !== 'F32' && dtype !== 'I8') throw new Error(`${name} must be float32 or int8`)
  const kind = KINDS[dtype]
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new Error(`${name} has no shape or no place in the file`)
  }
  const [start, stop] = offsets
  if (start > stop || stop > size) throw new Error(`${name} lies outside the file`)
  if (shape.reduce((all, side) => all * side, kind.BYTES_PER_ELEMENT) !== stop - start) {
    throw new Error(`${name} has more or fewer numbers than its shape says`)
  }
  return { kind, shape, start, stop }
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0)
}
