type Value = string | number | boolean | null | undefined | ((event: never) => void)

/** Make an element with attributes, `on...` listeners and children. False and null leave an attribute out. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  set(element, attributes)
  element.append(...children.filter((child) => child !== null))
  return element
}

/** Make an SVG element in the same way. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  set(element, attributes)
  element.append(...children)
  return element
}

/** Set attributes and add listeners of an element. */
export function set(element: Element, attributes: Readonly<Record<string, Value>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.replace(/^on/, ''), value as EventListener)
    } else if (value === false || value === null || value === undefined) {
      element.removeAttribute(name)
    } else element.setAttribute(name, value === true ? '' : String(value))
  }
}

/** Format 1234567 as 1,234,567, whatever the language of the browser. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Format 0.9731 as 97.3%. Only 1 is shown as 100.0%, and only 0 as 0.0%. */
export function percent(share: number, digits = 1): string {
  const shown = (100 * share).toFixed(digits)
  if (share < 1 && Number(shown) === 100) return `>${(100 - 10 ** -digits).toFixed(digits)}%`
  if (share > 0 && Number(shown) === 0) return `<${(10 ** -digits).toFixed(digits)}%`
  return `${shown}%`
}

/** Format a number with three significant digits, without an exponent where possible. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e5 || size < 1e-4) return value.toExponential(1).replaceAll('-', '−')
  const text =
    size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(size >= 0.1 ? 2 : 4)
  return text.replace('-', '−')
}
