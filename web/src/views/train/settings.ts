import type { TrainingSettings } from '../../api.ts'
import { h } from '../../parts/dom.ts'
import type { Address } from '../../address.ts'

/** The recipe of the textbook's chapter on LeNet (d2l.ai). */
export const CHAPTER: TrainingSettings = {
  data: 'fashion-mnist',
  recipe: 'chapter',
  activation: 'sigmoid',
  pooling: 'avg',
  learning_rate: 0.9,
  epochs: 10,
  batch_size: 256,
  seed: 0,
}

/** The recipe that `lenet train` takes for other data. It also distorts the images, and the learning rate ends at zero. */
export const OWN: TrainingSettings = {
  data: 'mnist',
  recipe: 'own',
  activation: 'relu',
  pooling: 'max',
  learning_rate: 0.05,
  epochs: 18,
  batch_size: 256,
  seed: 0,
}

/** The settings of a data set by default, as `lenet train` has them. */
export function defaults(data: string): TrainingSettings {
  return { ...(data === CHAPTER.data ? CHAPTER : OWN), data }
}

/** Named settings to try. */
const PRESETS: readonly (readonly [string, Partial<TrainingSettings>])[] = [
  ['Textbook: sigmoid, average', CHAPTER],
  ['Modern: ReLU, max', { recipe: 'chapter', activation: 'relu', pooling: 'max', learning_rate: 0.1, epochs: 10, batch_size: 256 }],
]

/** A form for the settings, which are also in the address. */
export interface SettingsForm {
  readonly element: HTMLFormElement
  read(): TrainingSettings
  /** True if all settings are valid; if not, the browser shows what is wrong. */
  valid(): boolean
}

/** Make the form, with `buttons` at its end. */
export function settingsForm(address: Address, submit: () => void, ...buttons: HTMLElement[]): SettingsForm {
  const choice = (key: keyof TrainingSettings, options: Readonly<Record<string, string>>) =>
    h('select', { name: key, 'data-test': key }, ...Object.entries(options).map(([value, text]) => h('option', { value }, text)))
  const number = (key: keyof TrainingSettings, min: number, max: number | null, step: number | 'any') =>
    h('input', { type: 'number', name: key, min, max, step, required: true, 'data-test': key })
  const fields = {
    data: choice('data', { 'fashion-mnist': 'Fashion-MNIST', mnist: 'MNIST digits' }),
    recipe: choice('recipe', { chapter: 'textbook', own: 'own data' }),
    activation: choice('activation', { sigmoid: 'sigmoid', relu: 'ReLU', tanh: 'tanh' }),
    pooling: choice('pooling', { avg: 'average', max: 'max' }),
    learning_rate: number('learning_rate', 0.0001, null, 'any'),
    epochs: number('epochs', 1, 30, 1),
    batch_size: number('batch_size', 1, 4096, 1),
    seed: number('seed', 0, 2 ** 32 - 1, 1),
  }
  const labels: Readonly<Record<keyof typeof fields, string>> = {
    data: 'Data', recipe: 'Recipe', activation: 'Activation', pooling: 'Pooling', learning_rate: 'Learning rate', epochs: 'Epochs', batch_size: 'Batch size', seed: 'Seed',
  }
  const keys = Object.keys(fields) as (keyof typeof fields)[]
  const element = h(
    'form',
    { class: 'train-settings', 'data-test': 'settings' },
    h(
      'div',
      { class: 'row presets', role: 'group', 'aria-label': 'Presets' },
      ...PRESETS.map(([name, changes]) => h('button', { type: 'button', class: 'small', onclick: () => fill({ ...read(), ...changes }, true) }, name)),
    ),
    ...keys.map((key) => h('label', {}, labels[key], fields[key])),
    h('div', { class: 'row train-buttons' }, ...buttons),
  )

  function read(): TrainingSettings {
    return Object.fromEntries(
      keys.map((key) => [key, fields[key] instanceof HTMLInputElement ? Number(fields[key].value) : fields[key].value]),
    ) as unknown as TrainingSettings
  }

  function fill(settings: TrainingSettings, save: boolean): void {
    for (const key of keys) fields[key].value = String(settings[key])
    if (save) write()
  }

  function write(): void {
    const now = read()
    // The address holds only the settings that differ from the defaults.
    const known = { ...defaults(now.data), data: CHAPTER.data }
    for (const key of keys) address.set(key, now[key] === known[key] ? null : String(now[key]), { replace: true })
  }

  // Other data, or another recipe, brings its own values.
  fields.data.addEventListener('change', () => fill({ ...defaults(fields.data.value), seed: read().seed }, false))
  fields.recipe.addEventListener('change', () => {
    const { data, seed } = read()
    fill({ ...(fields.recipe.value === 'own' ? OWN : CHAPTER), data, seed }, false)
  })
  const first = defaults(address.get('data') ?? CHAPTER.data)
  fill(Object.fromEntries(keys.map((key) => [key, address.get(key) ?? first[key]])) as unknown as TrainingSettings, false)
  element.addEventListener('change', write)
  element.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  return { element, read, valid: () => element.reportValidity() }
}
