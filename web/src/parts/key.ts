import { h } from './dom.ts'

let asking: Promise<string | null> | null = null

/**
 * Ask the user for the service's API key. Calls at the same time share one dialog. If the user cancels, the
 * key is null, and later calls return null without a dialog.
 */
export function askKey(refused: boolean): Promise<string | null> {
  asking ??= new Promise<string | null>((resolve) => {
    const input = h('input', { type: 'password', required: true, autocomplete: 'off', 'aria-describedby': 'key-refused', 'data-test': 'key' })
    const dialog = h(
      'dialog',
      { class: 'key', 'aria-labelledby': 'key-title' },
      h(
        'form',
        { method: 'dialog' },
        h('h2', { id: 'key-title' }, 'This service needs an API key'),
        h('p', { id: 'key-refused', class: 'key-refused', hidden: !refused }, 'This key is wrong. Please try again.'),
        h('label', { class: 'row' }, 'Key', input),
        h(
          'p',
          { class: 'row' },
          h('button', { value: 'use', class: 'primary' }, 'OK'),
          h('button', { value: '', formnovalidate: true }, 'Cancel'),
        ),
      ),
    )
    dialog.addEventListener('close', () => {
      dialog.remove()
      const given = dialog.returnValue === 'use' ? input.value : null
      if (given !== null) asking = null
      resolve(given)
    })
    document.body.append(dialog)
    dialog.showModal()
  })
  return asking
}
