import type { TrainingSettings } from '../../api.ts'
import { h } from '../../parts/dom.ts'
import type { Address } from '../../address.ts'

/** The chapter's recipe. */
export const CHAPTER: TrainingSettings = {
  data: 'fashion-mnist',
  activation: 'sigmoid',
  pooling: 'avg',
  learning_rate: 0.9,
  epochs: 10,
  batch_size: 256,
  seed: 0,
}

/** Settings that are worth a try, by what they are called. */
const PRESETS: readonly (readonly [string, Partial<TrainingSettings>])[] = [
  ['The chapter', CHAPTER],
  ['Today: ReLU, max pooling', { activation: 'relu', pooling: 'max', learning_rate: 0.1 }],
]

/** The settings in a form, and in the address. */
export interface SettingsForm {
  readonly element: HTMLFormElement
  read(): TrainingSettings
  /** No setting can be changed to what a training cannot be asked for. */
  valid(): boolean
}

/** Make the form; `buttons` stand at its end. */
export function settingsForm(address: Address, submit: () => void, ...buttons: HTMLElement[]): SettingsForm {
  const choice = (key: keyof TrainingSettings, options: Readonly<Record<string, string>>) =>
    h('select', { name: key, 'data-test': key }, ...Object.entries(options).map(([value, text]) => h('option', { value }, text)))
  const number = (key: keyof TrainingSettings, min: number, max: number | null, step: number | 'any') =>
    h('input', { type: 'number', name: key, min, max, step, required: true, 'data-test': key })
  const fields = {
    data: choice('data', { 'fashion-mnist': 'Fashion-MNIST', mnist: 'MNIST digits' }),
    activation: choice('activation', { sigmoid: 'sigmoid', relu: 'ReLU', tanh: 'tanh' }),
    pooling: choice('pooling', { avg: 'average', max: 'max' }),
    learning_rate: number('learning_rate', 0.0001, null, 'any'),
    epochs: number('epochs', 1, 30, 1),
    batch_size: number('batch_size', 1, 4096, 1),
    seed: number('seed', 0, 2 ** 32 - 1, 1),
  }
  const labels: Readonly<Record<keyof typeof fields, string>> = {
    data: 'Data', activation: 'Activation', pooling: 'Pooling', learning_rate: 'Learning rate', epochs: 'Epochs', batch_size: 'Batch size', seed: 'Seed',
  }
  const keys = Object.keys(fields) as (keyof typeof fields)[]
  const element = h(
    'form',
    { class: 'train-settings', 'data-test': 'settings' },
    h(
      'div',
      { class: 'row presets', role: 'group', 'aria-label': 'Recipes' },
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

  function fill(settings: TrainingSettings, tell: boolean): void {
    for (const key of keys) fields[key].value = String(settings[key])
    if (tell) write()
  }

  function write(): void {
    const now = read()
    // The address names only what differs from the chapter.
    for (const key of keys) address.set(key, now[key] === CHAPTER[key] ? null : String(now[key]), { replace: true })
  }

  fill(Object.fromEntries(keys.map((key) => [key, address.get(key) ?? CHAPTER[key]])) as unknown as TrainingSettings, false)
  element.addEventListener('change', write)
  element.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  return { element, read, valid: () => element.reportValidity() }
}
