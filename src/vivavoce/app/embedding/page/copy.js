// Copy buttons. Where the clipboard is refused, the code is selected, so that the keyboard can copy it.
const told = document.getElementById('copied')

for (const button of document.querySelectorAll('button[data-copies]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const code = document.getElementById(button.dataset.copies)
    try {
      await navigator.clipboard.writeText(code.textContent)
      told.textContent = 'Copied.'
    } catch {
      getSelection().selectAllChildren(code)
      told.textContent = 'Selected: copy it with the keyboard.'
    }
  })
}
