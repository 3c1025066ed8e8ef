import { h } from './dom.ts'

let asking: Promise<string | null> | null = null

/**
 * Ask for the service's key; calls at the same time share one question. Null: no key given, and who
 * gave none is not asked again by every call that follows.
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
        h('h2', { id: 'key-title' }, 'This service asks for a key'),
        h('p', { id: 'key-refused', class: 'key-refused', hidden: !refused }, 'That is not its key. Try again.'),
        h('label', { class: 'row' }, 'Key', input),
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
      const given = dialog.returnValue === 'use' ? input.value : null
      if (given !== null) asking = null
      resolve(given)
    })
    document.body.append(dialog)
    dialog.showModal()
  })
  return asking
}
