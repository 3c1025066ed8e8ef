// Arithmetic of Python and NumPy, where that of JavaScript differs.

/** Round to the nearest whole number, and a half to the even one. */
export function round(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1
  return below % 2 === 0 ? below : below + 1
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

/** Return the k-th smallest value (Hoare's quickselect); reorders `values`. */
export function select(values: Float32Array, k: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]
    let i = low
    let j = high
    while (i <= j) {
      while (values[i] < pivot) i++
      while (values[j] > pivot) j--
      if (i <= j) {
        const kept = values[i]
        values[i++] = values[j]
        values[j--] = kept
      }
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else break
  }
  return values[k]
}

function least(values: Float32Array, from: number): number {
  let found = values[from]
  for (let i = from + 1; i < values.length; i++) if (values[i] < found) found = values[i]
  return found
}

/** True if more than half of the values are below a bound. */
export function mostAreBelow(values: Float32Array, bound: number): boolean {
  let count = 0
  for (let i = 0; i < values.length; i++) if (values[i] < bound) count++
  return 2 * count > values.length
}

/** The `count` greatest values, in rising order. */
export function greatest(values: Float32Array, count: number): Float32Array {
  const kept = values.slice(0, count).sort()
  for (let i = count; i < values.length; i++) {
    const value = values[i]
    if (value <= kept[0]) continue
    let at = 1
    for (; at < count && kept[at] < value; at++) kept[at - 1] = kept[at]
    kept[at - 1] = value
  }
  return kept
}

/** The quantile of a share from 0 to 1, with linear interpolation; reorders `values`. */
export function quantile(values: Float32Array, share: number): number {
  const place = (values.length - 1) * share
  const index = Math.floor(place)
  const below = select(values, index)
  if (index >= values.length - 1) return below
  return between(below, least(values, index + 1), place - index)
}

/** The same for whole numbers from 0 to 255, from their histogram. */
export function quantileOfLevels(values: Float32Array, share: number): number {
  const counts = new Uint32Array(256)
  for (let i = 0; i < values.length; i++) counts[values[i]]++
  const ordered = (index: number) => {
    let level = 0
    for (let below = counts[0]; below <= index; below += counts[level]) level++
    return level
  }
  const place = (values.length - 1) * share
  const index = Math.floor(place)
  return between(ordered(index), ordered(Math.min(index + 1, values.length - 1)), place - index)
}

/** The linear interpolation of NumPy from a to b, in single precision. */
export function between(a: number, b: number, t: number): number {
  const { fround } = Math
  const apart = fround(b - a)
  return t < 0.5
    ? fround(a + fround(apart * fround(t)))
    : fround(b - fround(apart * fround(1 - t)))
}

/** The sum in single precision, in NumPy's order: eight partial sums. */
export function sum(values: Float32Array): number {
  const { fround } = Math
  const count = values.length
  let total = 0
  let i = 0
  if (count >= 8) {
    const r = values.slice(0, 8) // single precision too
    for (i = 8; i < count - (count % 8); i += 8) {
      for (let j = 0; j < 8; j++) r[j] += values[i + j]
    }
    total = fround(
      fround(fround(r[0] + r[1]) + fround(r[2] + r[3])) + fround(fround(r[4] + r[5]) + fround(r[6] + r[7])),
    )
  }
  for (; i < count; i++) total = fround(total + values[i])
  return total
}

/** The sum in double precision, in NumPy's order: pairwise, with eight partial sums in each part. */
export function sumOfDoubles(values: Float64Array): number {
  const count = values.length
  if (count > 128) {
    const half = (count >> 1) - ((count >> 1) % 8)
    return sumOfDoubles(values.subarray(0, half)) + sumOfDoubles(values.subarray(half))
  }
  let total = 0
  let i = 0
  if (count >= 8) {
    const r = values.slice(0, 8)
    for (i = 8; i < count - (count % 8); i++) r[i % 8] += values[i]
    total = r[0] + r[1] + (r[2] + r[3]) + (r[4] + r[5] + (r[6] + r[7]))
  }
  for (; i < count; i++) total += values[i]
  return total
}
