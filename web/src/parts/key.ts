import { h } from './dom.ts'

let asking: Promise<string | null> | null = null

/** Ask for the service's key; calls at the same time share one question. Null: no key given. */
export function askKey(): Promise<string | null> {
  asking ??= new Promise<string | null>((resolve) => {
    const input = h('input', { type: 'password', required: true, autocomplete: 'off', 'data-test': 'key' })
    const dialog = h(
      'dialog',
      { class: 'key', 'aria-labelledby': 'key-title' },
      h(
        'form',
        { method: 'dialog' },
        h('h2', { id: 'key-title' }, 'This service asks for a key'),
        h('label', {}, 'Key ', input),
        h(
          'p',
          { class: 'row' },
          h('button', { value: 'use', class: 'primary' }, 'Use it'),
          h('button', { value: '', formnovalidate: true }, 'Cancel'),
        ),
      ),
    )
    dialog.addEventListener('close', () => {
      dialog.remove()
      asking = null
      resolve(dialog.returnValue === 'use' ? input.value : null)
    })
    document.body.append(dialog)
    dialog.showModal()
  })
  return asking
}
