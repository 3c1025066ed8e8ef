// Opens the images of a cell of the confusion matrix. All else on the page works without a script.
(() => {
  'use strict'
  const { classes, cells, columns } = JSON.parse(document.getElementById('cells').textContent)
  const dialog = document.getElementById('images')
  const gallery = dialog.querySelector('.gallery')
  const number = new Intl.NumberFormat('en')

  function about(truth, answer, total) {
    const images = `${number.format(total)} image${total > 1 ? 's' : ''} of ${classes[truth]}`
    return truth === answer ? `${images}, correct` : `${images}, answered ${classes[answer]}`
  }

  function tile([place, index, probability], answer) {
    const item = document.createElement('li')
    const image = item.appendChild(document.createElement('span'))
    const percent = `${(100 * probability).toFixed(1)}%`
    image.className = 'tile'
    image.role = 'img'
    image.ariaLabel = `test image ${index}, answer ${classes[answer]}, ${percent}`
    image.style.setProperty('--x', place % columns)
    image.style.setProperty('--y', Math.floor(place / columns))
    item.appendChild(document.createElement('small')).textContent = `${percent} #${index}`
    return item
  }

  function open(key) {
    const [truth, answer] = key.split('-').map(Number)
    const { total, images } = cells[key]
    const order = `${truth === answer ? 'lowest' : 'highest'} confidence first`
    const some = images.length < total ? `${images.length} of them, ` : ''
    dialog.querySelector('h2').textContent = about(truth, answer, total)
    dialog.querySelector('p').textContent = `${some}${order}`
    gallery.replaceChildren(...images.map((one) => tile(one, answer)))
    dialog.showModal()
    dialog.scrollTop = 0
    history.replaceState(null, '', `#cell-${key}`)
  }

  for (const cell of document.querySelectorAll('[data-cell]')) {
    const key = cell.dataset.cell
    if (!(key in cells)) continue
    const button = document.createElement('button')
    const [truth, answer] = key.split('-').map(Number)
    button.type = 'button'
    button.append(...cell.childNodes)
    button.ariaLabel = about(truth, answer, cells[key].total)
    button.addEventListener('click', () => open(key))
    cell.append(button)
  }

  // The tab key stops once in the whole matrix; the arrow keys move from cell to cell.
  const matrix = document.querySelector('.matrix')
  if (matrix) {
    const buttons = [...matrix.querySelectorAll('button')]
    const place = (one) => [one.closest('tr').rowIndex, one.closest('td').cellIndex]
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
    for (const one of buttons) one.tabIndex = one === buttons[0] ? 0 : -1
    matrix.addEventListener('focusin', (event) => {
      for (const one of buttons) one.tabIndex = one === event.target ? 0 : -1
    })
    matrix.addEventListener('keydown', (event) => {
      const step = steps[event.key]
      if (!step || !buttons.includes(event.target)) return
      let [row, column] = place(event.target)
      event.preventDefault()
      do {
        row += step[0]
        column += step[1]
        const next = matrix.rows[row]?.cells[column]?.querySelector('button')
        if (next) return next.focus()
      } while (matrix.rows[row]?.cells[column])
    })
  }

  dialog.querySelector('.bar button').addEventListener('click', () => dialog.close())
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close() // a click outside the dialog
  })
  dialog.addEventListener('close', () => history.replaceState(null, '', ' '))
  const asked = /^#cell-(\d+-\d+)$/.exec(location.hash)
  if (asked && asked[1] in cells) open(asked[1])
})()
